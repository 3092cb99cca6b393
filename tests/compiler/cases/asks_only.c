/* A call inside __builtin_constant_p is never made, and the condition around it is lowered as usual. */
/* dsu: updates */
#include "case.h"

static int calls;

static NOINLINE int level(int n)
{
	calls++;
	return hop(n) + 20;
}

#define REPORT(l) \
	(__builtin_constant_p(l) && (l) >= 20 ? printf("constant ") : (l) >= 22 ? printf("high ") : 0)

int main(void)
{
	for (int i = 0; i < 4; i++)
		REPORT(level(i));
	REPORT(25);
	printf("%d %d\n", calls, __builtin_object_size(pointer_hop(&calls), 0) == (size_t)-1);
	return 0;
}
