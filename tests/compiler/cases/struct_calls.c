/* Structs by value through continuation points: small, big, in registers, in memory, nested calls. */
/* dsu: updates */
#include "case.h"

struct small { char c; short s; };
struct pair { double d; long l; };
struct big { int a[40]; char tail; };
union either { long l; char c[24]; };
struct flex { unsigned a : 3, b : 13; signed c : 7; };

static NOINLINE struct small make_small(int n)
{
	struct small s = { (char)n, (short)hop(n * 2) };

	return s;
}

static NOINLINE struct pair make_pair(struct small s, double d)
{
	return (struct pair){ d + hop(s.c), long_hop(s.s) };
}

static NOINLINE struct big make_big(struct big b, int i)
{
	b.a[i] += hop(i);
	b.tail = (char)(b.tail + hop(1));
	if (i < 4)
		return make_big(b, i + 1);
	return b;
}

static NOINLINE union either mix(union either e, struct big b, struct pair p, int n)
{
	e.c[hop(n)] = (char)(b.a[hop(2)] + (int)p.l);
	return e;
}

static NOINLINE struct flex bits(struct flex f, int n)
{
	f.b = (unsigned)hop(n) + f.a;
	f.c = (signed)hop(-3) - (int)f.b % 5;
	f.a += (unsigned)hop(6);
	return f;
}

static NOINLINE int sum(struct big b)
{
	int s = b.tail;

	for (int i = 0; i < 40; i++)
		s += b.a[i] + (i % 10 ? 0 : hop(i));
	return s;
}

int main(void)
{
	struct big b = { { 5, 6, 7 }, 'x' };
	struct pair p = make_pair(make_small(4), 0.5);
	union either e = { .l = 0 };
	struct flex f = bits(bits((struct flex){ 1, 2, 3 }, 9), 30);

	b = make_big(make_big(b, hop(1)), 0);
	e = mix(mix(e, b, p, 3), make_big(b, 2), make_pair(make_small(1), make_pair(make_small(2), 3).d), 5);
	printf("%.2f %ld %d\n", p.d, p.l, sum(b));
	printf("%d %d %d\n", e.c[3], e.c[5], sum(make_big(b, 3)));
	printf("%u %u %d\n", f.a, f.b, f.c);
	return make_small(hop(3)).s;
}
