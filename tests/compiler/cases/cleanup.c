/* The user's own cleanup attribute: runs once for each scope, in order, never because of an update. */
#include "case.h"

static void left(int *p)
{
	printf("left %d ", *p);
	DSU_UPDATE_POINT();
}

static NOINLINE int scoped(int n)
{
	__attribute__((cleanup(left))) int outer = n;

	for (int i = 0; i < 2; i++) {
		int inner __attribute__((cleanup(left))) = hop(i) + 10;

		if (n == 1 && i == 1)
			return hop(inner);
		hop(outer);
	}
	return hop(outer);
}

int main(void)
{
	printf("%d\n", scoped(1));
	printf("%d\n", hop(scoped(2)));
	return 0;
}
