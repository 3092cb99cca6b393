#include "serve.h"

struct item {
	int weight;
	char name[36];
};

/* All that leads to an item is a pointer that does not say so. */
struct entry {
	void *data;
	struct entry *next;
};

static struct entry *entries;

static void add(const char *name)
{
	struct entry *e = malloc(sizeof *e);
	struct item *item = malloc(sizeof *item);

	item->weight = 3;
	strcpy(item->name, name);
	e->data = item;
	e->next = entries;
	entries = e;
}

int main(void)
{
	char line[16];

	while (ask(line, sizeof line)) {
		struct item *first;

		add(line);
		first = entries->data;
		answer("old %s %d", first->name, first->weight);
	}
	return 0;
}
