/* exit() from deep inside, with atexit functions that themselves have update points. */
/* dsu: updates */
#include "case.h"

static void last(void)
{
	printf("last %d\n", step(1));
}

static void before(void)
{
	printf("before %d\n", hop(2));
}

static NOINLINE void down(int n)
{
	if (n == 0) {
		printf("leaving\n");
		exit(hop(7));
	}
	down(n - 1);
	printf("never\n");
}

int main(void)
{
	atexit(last);
	atexit(before);
	down(20);
	return 0;
}
