/* && and || evaluate their right side only when they must; values are 0 and 1. */
/* dsu: updates */
#include "case.h"

static int and_or(int a, int b, int c)
{
	int r = trace("a", a) && trace("b", b) || trace("c", c);

	printf(" %d\n", r);
	return r;
}

static int deep(int a, int b)
{
	if ((trace("1", a) || trace("2", b)) && !(trace("3", b) && trace("4", a)))
		return trace("5", 7) && 5;
	return a || (b && trace("6", 1));
}

int main(void)
{
	int n = 0, i;
	char *p = NULL;
	double d = 0.25;

	for (i = 0; i < 8; i++)
		n += and_or(i & 1, i & 2, i & 4);
	for (i = 0; i < 4; i++)
		printf(" %d\n", deep(i & 1, i & 2));
	n += 1 && hop(0);
	n += 0 || hop(9);
	n += 0 && trace("never", 1);
	n += 1 || trace("never", 1);
	n += (hop(3) && hop(4)) + (hop(0) || hop(5)) * 10;
	if (p && *p && hop(1))
		abort();
	if (d && double_hop(d) && double_hop(0.5) > d)
		n += 1000;
	(void)(trace("x", 1) && trace("y", 2));
	trace("z", 0) || trace("w", 0);
	printf(" %d\n", n);
	while (hop(n) > 900 && hop(n) % 2 || hop(n) == 1017)
		n--;
	printf("%d %d\n", n, !hop(n) + !!hop(n));
	return 0;
}
