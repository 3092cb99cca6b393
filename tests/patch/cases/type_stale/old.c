#include "serve.h"

struct item {
	int weight;
	struct item *next, *stale;
	char name[8];
};

static struct item *items, *keep[40];

static struct item *make(int weight)
{
	struct item *item = malloc(sizeof *item);

	*item = (struct item){weight, items, 0, "item"};
	return item;
}

/* Pointers to what has been freed lead nowhere, and what they say may not be freed again. */
static void leave_stale_ones(void)
{
	for (int i = 0; i < 40; i++)
		keep[i] = make(i);
	for (int i = 0; i < 40; i++)
		free(keep[i]);
}

int main(void)
{
	char line[16];

	leave_stale_ones();
	items = make(1);
	items->stale = keep[20];
	while (ask(line, sizeof line)) {
		struct item *more = make(atoi(line));

		items = more;
		for (int i = 0; i < 60; i++)
			free(make(i));
		answer("old %d %d %s", items->weight, items->next->weight, items->name);
	}
	return 0;
}
