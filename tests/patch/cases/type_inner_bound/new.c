#include <stdlib.h>

#include "serve.h"

struct item {
	long asked;
	int n;
};

struct ref {
	struct item *to;
};

static struct item *made(int n)
{
	struct item *it = malloc(sizeof *it);

	if (!it)
		abort();
	it->asked = 0;
	it->n = n;
	return it;
}

static int next(struct item *it)
{
	it->asked++;
	return 100 + it->n++;
}

int main(void)
{
	char line[64];
	struct item *one = made(10), *other = made(20);
	/* Only in here is it known what the bound means. */
	struct ref refs[sizeof((struct ref[]){{one}, {other}, {one}}) / sizeof(struct ref)] = {
		{one}, {other}, {one}};

	while (ask(line, sizeof line))
		answer("%d %d %d", next(refs[0].to), next(refs[1].to), next(refs[2].to));
	return 0;
}
