/* Calls in arguments of calls, deep, many (beyond the register ones), and of mixed types. */
/* dsu: updates */
#include "case.h"

static NOINLINE int many(int a, long b, double c, char d, short e, float f, int g, int h, int i, long j, const char *k)
{
	DSU_UPDATE_POINT();
	printf("%d %ld %.1f %c %d %.1f %d %d %d %ld %s\n", a, b, c, d, e, f, g, h, i, j, k);
	DSU_UPDATE_POINT();
	return a + (int)b + g + h + i + (int)j + (int)c + e;
}

int main(void)
{
	int n;

	n = many(hop(1), long_hop(2), double_hop(3.5), (char)hop('d'), (short)hop(5), (float)double_hop(6.5), hop(7),
			 hop(8), hop(9), long_hop(1L << 40), (char *)pointer_hop("eleven"));
	printf("%d\n", n);
	printf("%d\n", hop(hop(hop(hop(hop(3) + 1) + 1) + 1) + hop(1)));
	n = many(hop(n) > 3, n, n / 2., 'x', 1, 2, many(1, 2, 3, 'y', 4, 5, 6, 7, 8, 9, "in"), hop(0), -1, -2, "out");
	printf("%d %d %d\n", hop(1) + hop(2) * hop(3), hop(9) - hop(4), hop(n) % 7);
	return 0;
}
