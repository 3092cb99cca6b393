#include "serve.h"

typedef long count_t;

struct point {
	long y, z, x;
};

struct path {
	const char *name;
	struct point points[4];
	struct point *last;
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
		answer("new %ld %ld %s %s", p->last->x, at.y, p->name, line);
	return at;
}

static long walk(struct path here, count_t *seen)
{
	struct point (*route)(struct path *, count_t) = middle;
	struct point found;
	long sum = 0;

	here.last = &here.points[2];
	here.last->x = 4;
	found = route(&here, 2);
	sum += found.x + ++*seen;
	return sum;
}

int main(void)
{
	struct path path = {.points = {{2, 0, 1}, {4, 0, 3}, {6, 0, 5}}, .name = "path"};
	count_t seen = 10;

	for (int i = 0; i < 3; i++)
		answer("new end %ld", walk(path, &seen));
	return 0;
}
