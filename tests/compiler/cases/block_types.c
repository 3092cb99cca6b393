/* Types declared in blocks: structs, enums, typedefs, the same tag with another meaning inside. */
/* dsu: updates */
#include "case.h"

enum { FIRST = 3 };
struct item {
	int a;
};

static int inside(int n)
{
	struct item outer_item = { n };
	typedef struct { int lo, hi; } range;
	enum colour { RED, GREEN = 5, BLUE } c = hop(1) ? BLUE : RED;
	range r = { hop(1), hop(9) };
	union { int i; char c[4]; } u = { hop(n) };
	struct { int x; struct { int y; } deep; } anonymous = { .deep.y = hop(2) };
	int s = 0;

	{
		struct item { char text[12]; } it;
		typedef long range_length;
		range_length l = r.hi - r.lo;

		strcpy(it.text, "inner");
		hop(0);
		s += (int)(sizeof it + strlen(it.text)) + (int)l;
	}
	{
		enum { RED = 40 };

		s += hop(RED);
	}
	switch (hop(c)) {
	case GREEN:
		s += 1;
		break;
	case BLUE:
		s += 2;
	}
	for (struct { int i, n; } k = { 0, 3 }; k.i < k.n; k.i++)
		s += hop(k.i);
	return s + outer_item.a + u.c[0] + anonymous.deep.y;
}

static NOINLINE int hides_tag(int n)
{
	struct item first = { hop(n) };
	int s = (int)sizeof first;
	{
		struct item { char text[12]; } second = { "x" };

		s += (int)sizeof second * 10 + hop(second.text[0]);
	}
	struct item third = { hop(s) };

	return third.a + first.a + (int)sizeof third;
}

static NOINLINE int hides_enumerator(int n)
{
	int s = hop(FIRST);
	enum { FIRST = 30 };

	return s + hop(FIRST) + n;
}

static NOINLINE int only_here(int n)
{
	typedef struct { int lo, hi; } range;
	enum colour { CYAN, MAGENTA = 5, YELLOW } c = hop(1) ? YELLOW : CYAN;
	struct local { struct local *next; int v; } a = { NULL, hop(n) }, b = { &a, 2 };
	range r = { hop(1), hop(9) };
	union { int i; char c[4]; } u = { hop(n) };
	struct { int x; struct { int y; } deep; } anonymous = { .deep.y = hop(2) };
	int s = (int)(sizeof a + sizeof r);

	switch (hop(c)) {
	case MAGENTA:
		s += 1;
		break;
	case YELLOW:
		s += 2;
	}
	for (struct { int i, n; } k = { 0, 3 }; k.i < k.n; k.i++)
		s += hop(k.i);
	return s + b.next->v + u.c[0] + anonymous.deep.y + r.hi;
}

int main(void)
{
	printf("%d %d\n", inside(1), inside(7));
	printf("%d %d %d\n", hides_tag(1), hides_enumerator(2), only_here(3));
	return 0;
}
