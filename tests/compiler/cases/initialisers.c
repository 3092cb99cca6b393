/* Initialisers with calls: scalars, arrays, structs, nested, designated, compound literals. */
/* dsu: updates */
#include "case.h"

struct point {
	int x, y;
};
struct box {
	struct point from, to;
	const char *name;
	int tags[4];
	struct {
		char c;
		union {
			int i;
			float f;
		};
	} inner;
};

static NOINLINE struct point at(int x)
{
	struct point p = { .y = -x, .x = x };

	DSU_UPDATE_POINT();
	return p;
}

static NOINLINE void show(struct box b)
{
	printf("%d %d %d %d %s %d%d%d%d %c %d\n", b.from.x, b.from.y, b.to.x, b.to.y,
		   b.name ? b.name : "-", b.tags[0], b.tags[1], b.tags[2], b.tags[3],
		   b.inner.c ? b.inner.c : '.', b.inner.i);
}

static int sum(const int *p, int n)
{
	return n ? *p + sum(p + 1, n - 1) : 0;
}

int main(void)
{
	int scalar = hop(3), braced = { hop(4) };
	int array[] = { hop(1), 2, hop(3), [5] = hop(6), 7 };
	int grid[2][3] = { { hop(1) }, { 4, hop(5), 6 } };
	struct point p = at(2), q = { hop(8) }, *r = &q;
	struct box b = { .to = at(5), .from.y = hop(9), .name = "b", .tags = { [1] = hop(1), [3] = 3 } };
	struct box c = { { hop(1), 2 }, { 3, hop(4) }, (char *)pointer_hop("c"), { 5 }, { 'q', { hop(7) } } };
	struct point list[] = { at(1), { 2, hop(3) }, [3] = { .y = hop(4) } };
	char text[] = "text", other[8] = { 'a', (char)hop('b') };

	printf("%d %d %zu %zu %zu\n", scalar, braced, sizeof array / sizeof *array, sizeof list / sizeof *list,
		   sizeof text);
	printf("%d %d %d\n", sum(array, 7), sum(grid[0], 3), sum(grid[1], 3));
	printf("%d %d %d %d\n", p.x, p.y, q.x, r->y);
	show(b);
	show(c);
	show((struct box){ .name = "literal", .from = at(hop(6)) });
	printf("%d\n", sum((int[]){ hop(1), hop(2), 3 }, 3));
	r = &(struct point){ hop(11), 12 };
	hop(0);
	printf("%d %d\n", r->x, r->y);
	for (int i = 0; i < 4; i++)
		printf("%d,%d ", list[i].x, list[i].y);
	printf("%s %s\n", text, other);
	return 0;
}
