/* Declarations in the middle of blocks, after labels, in for, repeated names in sibling blocks. */
/* dsu: updates */
#include "case.h"

int main(void)
{
	hop(0);
	int a = hop(1);

	a++;
	int b = a + hop(2), c, *p = &b;
	c = *p;
	{
		int d = hop(c);
		a += d;
		int e = a;
		a += hop(e);
	}
	{
		long d = long_hop(c) << 33;
		char e = (char)(d >> 33);
		a += hop(e);
	}
	for (int i = hop(0), *q = &i; *q < 3; ++*q) {
		int square = *q * *q;
		a += hop(square);
	}
	if (hop(a) > 3) {
		int f = 9;
		*p += f;
	}
	int g = hop(*p);
	printf("%d %d %d %d\n", a, b, c, g);
	return 0;
}
