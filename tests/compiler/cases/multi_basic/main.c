/* Two files: static functions and variables of the same name, an extern struct, a callback across. */
/* dsu: updates */
#include "../case.h"
#include "shared.h"

static int count;

static int helper(int x)
{
	count += hop(x);
	return count;
}

int main(void)
{
	struct shared s = { .value = 3, .callback = helper };

	for (int i = 0; i < 3; i++)
		printf("%d ", other_run(&s, i));
	printf("%d %d\n", count, other_count());
	return 0;
}
