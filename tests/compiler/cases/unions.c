/* Unions: punning, anonymous, with structs, by value, assigned through a member. */
/* dsu: updates */
#include "case.h"

union word {
	unsigned u;
	float f;
	unsigned char b[4];
	struct {
		unsigned short low, high;
	};
};

static NOINLINE union word twist(union word w)
{
	DSU_UPDATE_POINT();
	w.low ^= 0xffff;
	return w;
}

int main(void)
{
	union word w = { .f = 1.0f }, v = { 0x12345678 };
	struct {
		int kind;
		union {
			int i;
			const char *s;
			double d;
		};
	} list[3] = { { 0, { .i = hop(4) } }, { 1, { .s = "five" } }, { 2, { .d = 6.5 } } };

	hop(0);
	printf("%x %x\n", w.u, twist(v).u);
	v.b[hop(3)] = (unsigned char)hop(0xab);
	w.f += (float)hop(2);
	printf("%x %.1f %x\n", v.u, w.f, twist(twist(v)).high);
	for (int i = 0; i < 3; i++) {
		switch (list[hop(i)].kind) {
		case 0:
			printf("%d ", list[i].i);
			break;
		case 1:
			printf("%s ", list[i].s);
			break;
		case 2:
			printf("%.1f\n", list[i].d);
		}
	}
	return 0;
}
