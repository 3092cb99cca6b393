#include "serve.h"

struct link {
	struct link *next;
};

struct item {
	int weight;
	struct link link;
	char name[24];
};

#define ITEM(p) ((struct item *)((char *)(p) - __builtin_offsetof(struct item, link)))

static struct link items;

static void add(const char *name)
{
	struct item *item = malloc(sizeof *item);

	item->weight = 3;
	strcpy(item->name, name);
	item->link.next = items.next;
	items.next = &item->link;
}

int main(void)
{
	char line[16];

	while (ask(line, sizeof line)) {
		add(line);
		answer("old %s %d", ITEM(items.next)->name, ITEM(items.next)->weight);
	}
	return 0;
}
