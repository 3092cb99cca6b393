/* const, volatile, restrict and register locals, const arrays and structs with initialisers. */
/* dsu: updates */
#include "case.h"

static int work(int *restrict to, const int *restrict from, const int n)
{
	const int limit = hop(n), *const start = from;
	const struct { int a, b; } pair = { hop(1), 2 };
	const char text[] = "const";
	volatile int v = 0;
	volatile const int *vp = &v;
	int *volatile moving = to;
	register int i;
	auto int s = 0;
	const volatile long both = long_hop(5);

	for (i = 0; i < limit; i++) {
		*moving++ = hop(*from++);
		v = v + i;
		s += *vp;
	}
	const int late = hop(s);

	return late + (int)(from - start) + pair.a + text[0] + (int)both + (int)(moving - to);
}

int main(void)
{
	const int from[] = { 1, 2, 3, 4 };
	int to[4];
	int const *const *pp;
	int const *p = from;

	pp = &p;
	printf("%d\n", work(to, from, 4));
	printf("%d%d%d%d %d\n", to[0], to[1], to[2], to[3], **pp + hop((*pp)[3]));
	return 0;
}
