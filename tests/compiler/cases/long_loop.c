/* A loop of many rounds with several values live across its calls. */
/* dsu: updates */
#include "case.h"

int main(void)
{
	unsigned a = 1, b = 2, c = 3;
	unsigned long long d = 4;
	double e = 1;

	for (unsigned i = 0; i < 3000; i++) {
		a = a * 1664525u + 1013904223u;
		b ^= a >> 5;
		c += (unsigned)step((int)(b & 0xff));
		d = d * 31 + c;
		e = e * 0.5 + (i % 7);
		if (i % 5 == 0)
			d ^= (unsigned)hop((int)(a & 0xf));
	}
	printf("%u %u %u %llu %.9f\n", a, b, c, d, e);
	return 0;
}
