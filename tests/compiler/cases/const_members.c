/* Structs and unions with constant members, initialised by lists, by each other and by calls. */
/* dsu: updates */
#include "case.h"

struct inner {
	const int first;
	int second;
};
typedef struct {
	struct inner in;
	const char *name;
} outer;
union word {
	const unsigned all;
	unsigned char bytes[4];
};

static NOINLINE int lists(int n)
{
	struct inner a = { hop(n), 2 };
	outer b = { { 3, hop(4) }, "outer" }, c = b;
	union word w = { 0x01020304u + (unsigned)hop(n) };
	struct { const int here; } d = { hop(9) };

	for (int i = 0; i < 2; i++) {
		struct inner e = a;
		struct inner *p = hop(i) ? &e : &a;
		struct inner f = *p;

		e.second += hop(i);
		c.in.second += e.first + e.second + f.second;
	}
	return c.in.second + b.in.first + w.bytes[hop(1)] + d.here + c.name[0];
}

static NOINLINE struct inner make(int n)
{
	return (struct inner){ n, hop(n) };
}

static NOINLINE int by_call(int n)
{
	struct inner a = make(n);

	return a.first + a.second;
}

int main(void)
{
	printf("%d %d\n", lists(1), lists(7));
	printf("%d\n", by_call(4));
	return 0;
}
