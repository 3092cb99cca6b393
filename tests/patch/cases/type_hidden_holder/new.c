#include "serve.h"

struct item {
	long since;
	int weight;
	char name[36];
};

/* Stays as it is, but leads to items; all that leads to it is a pointer that does not say so. */
struct holder {
	long uses;
	struct item *item;
};

struct entry {
	void *data;
	struct entry *next;
};

static struct entry *entries;
static struct item *items[4];
static int count;

static void add(const char *name)
{
	struct entry *e = malloc(sizeof *e);
	struct holder *holder = malloc(sizeof *holder);
	struct item *item = malloc(sizeof *item);

	item->weight = 3;
	strcpy(item->name, name);
	items[count++ % 4] = item;
	holder->uses = 0;
	holder->item = item;
	e->data = holder;
	e->next = entries;
	entries = e;
}

int main(void)
{
	char line[16];

	while (ask(line, sizeof line)) {
		struct holder *first;

		add(line);
		first = entries->data;
		first->uses++;
		answer("new %s %d", first->item->name, items[0]->weight);
	}
	return 0;
}
