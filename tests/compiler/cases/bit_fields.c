/* Bit-fields, signed and unsigned, unnamed and zero-width, in locals that live across updates. */
/* dsu: updates */
#include "case.h"

struct flags {
	unsigned a : 1, b : 3;
	int c : 5;
	unsigned : 0;
	unsigned d : 17;
	unsigned long e : 40;
	_Bool f : 1;
};

int main(void)
{
	struct flags f = { .b = 5, .c = -7, .d = 70000 };
	int i;

	for (i = 0; i < 10; i++) {
		f.a += hop(1);
		f.b += hop(i);
		f.c = f.c + step(3);
		f.d -= hop(i * 1000);
		f.e = f.e << 4 | (unsigned)hop(i);
		f.f = hop(i) & 2;
		printf("%d %d %d %d %lx %d\n", f.a, f.b, f.c, f.d, (unsigned long)f.e, f.f);
	}
	f.b = f.c = hop(9);
	printf("%d %d %d\n", f.b, f.c, hop(f.a) + f.f);
	return 0;
}
