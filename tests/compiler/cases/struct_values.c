/* Structs by value: small, large, with floats, as parameters, results, members of results, copies. */
/* dsu: updates */
#include "case.h"

struct tiny {
	char c;
};
struct mixed {
	double d;
	int i;
};
struct large {
	int v[12];
	struct mixed m;
};
struct empty {
};

static NOINLINE struct tiny tiny(struct tiny t)
{
	DSU_UPDATE_POINT();
	t.c++;
	return t;
}

static NOINLINE struct mixed mixed(struct mixed m, struct tiny t)
{
	DSU_UPDATE_POINT();
	m.d += t.c;
	m.i = hop(m.i * 2);
	return m;
}

static NOINLINE struct large large(struct large l, struct mixed m)
{
	DSU_UPDATE_POINT();
	l.m = mixed(m, (struct tiny){ 1 });
	l.v[3] = hop(l.v[2]);
	DSU_UPDATE_POINT();
	return l;
}

static NOINLINE struct empty none(struct empty e)
{
	DSU_UPDATE_POINT();
	return e;
}

int main(void)
{
	struct large l = { .v = { [2] = 42 } }, copy;
	struct large *p = &copy;
	struct empty e = { };

	copy = large(l, (struct mixed){ 1.5, 3 });
	printf("%d %.1f %d\n", copy.v[3], copy.m.d, copy.m.i);
	*p = large(*p, p->m);
	printf("%d %.1f %d\n", p->v[3], p->m.d, p->m.i);
	printf("%d\n", large(l, large(l, mixed(l.m, tiny(tiny((struct tiny){ 3 })))).m).m.i);
	printf("%c\n", tiny((struct tiny){ 'a' }).c);
	e = none(e);
	none(none(e));
	l = copy;
	l.v[3] += mixed(l.m, tiny((struct tiny){ 'b' })).i;
	printf("%d %d\n", l.v[3], copy.v[3]);
	return 0;
}
