/* Types declared in blocks: structs, enums, typedefs, the same tag with another meaning inside. */
/* dsu: updates */
#include "case.h"

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

int main(void)
{
	printf("%d %d\n", inside(1), inside(7));
	return 0;
}
