/* An untouched function that ends by calling an instrumented one: it is no jump, its frame blocks. */
/* dsu: updates */
/* dsu: blocked */
/* dsu: untouched passes_on local labels */
#include "case.h"

static NOINLINE int passes_on(int n)
{
	__label__ on;

	if (n < 0)
		goto on;
	n = hop(n + 1);
on:
	return hop(n);
}

static NOINLINE int caller(int n)
{
	int before = hop(n), between = passes_on(before), after = hop(between);

	return before * 100 + between * 10 + after;
}

int main(void)
{
	for (int i = 0; i < 4; i++)
		printf("%d\n", caller(i));
	return 0;
}
