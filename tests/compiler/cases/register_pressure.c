/* Twenty values of every kind live across the same calls. */
/* dsu: updates */
#include "case.h"

static NOINLINE long many(int n)
{
	int a = n, b = n + 1, c = n + 2, d = n + 3, e = n + 4, f = n + 5, g = n + 6, h = n + 7;
	long i = n * 8L, j = n * 9L, k = n * 10L, l = n * 11L;
	double m = n * .5, o = n * .25, p = n * .125;
	short q = (short)(n * 3), r = (short)(n * 5);
	char s = (char)n, t = (char)(n + 1), u = (char)(n + 2);

	for (int x = 0; x < 3; x++) {
		a += hop(b);
		c ^= hop(d);
		e -= step(f);
		g += hop(h) * x;
		i += long_hop(j);
		k ^= long_hop(l);
		m += double_hop(o);
		p *= double_hop(m);
		q = (short)(q + hop(r));
		s = (char)(s + hop(t));
		u = (char)(u ^ hop(s));
		b++, d--, f += x, h ^= 1, j++, l--, o += .5, r++, t--;
	}
	return a + b + c + d + e + f + g + h + i + j + k + l + (long)(m * 8 + o * 8 + p) + q + r + s + t + u;
}

int main(void)
{
	printf("%ld %ld %ld\n", many(1), many(7), many(-3));
	return 0;
}
