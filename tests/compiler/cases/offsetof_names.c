/* offsetof() names members by the names of local variables, and an index that is a variable. */
/* dsu: updates */
#include <stddef.h>

#include "case.h"

struct entry {
	char kind;
	struct {
		int low, high;
	} range[3];
};

static NOINLINE int read_back(int *range, int *low, int n)
{
	*range += hop(1);
	*low += 2;
	return *range * *low + n;
}

static NOINLINE int offsets(int i)
{
	int range = hop(1), low = 2, high = 3;

	range += read_back(&range, &low, high) + hop(high);
	low += (int)offsetof(struct entry, range[i].low) + hop((int)offsetof(struct entry, range));
	return range + low + (int)offsetof(struct entry, range[1].high) * hop(i);
}

int main(void)
{
	printf("%d %d\n", offsets(0), offsets(2));
	return 0;
}
