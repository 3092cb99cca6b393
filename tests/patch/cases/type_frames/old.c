#include "serve.h"

typedef short count_t;

struct point {
	short x, y;
};

struct path {
	struct point points[3];
	struct point *last;
	const char *name;
};

static struct point middle(struct path *p, count_t n)
{
	char line[16];
	struct point at = *p->last;

	if (n > 0) {
		struct point in = middle(p, n - 1);

		at.x += in.x;
		return at;
	}
	while (ask(line, sizeof line) && strcmp(line, "up"))
		answer("old %d %d %s %s", p->last->x, at.y, p->name, line);
	return at;
}

static long walk(struct path here, count_t *seen)
{
	struct point (*route)(struct path *, count_t) = middle;
	struct point found;
	int sum = 0;

	here.last = &here.points[2];
	here.last->x = 4;
	found = route(&here, 2);
	sum += found.x + ++*seen;
	return sum;
}

int main(void)
{
	struct path path = {{{1, 2}, {3, 4}, {5, 6}}, .name = "path"};
	count_t seen = 10;

	for (int i = 0; i < 3; i++)
		answer("old end %ld", walk(path, &seen));
	return 0;
}
