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

static void tell(const struct link *at, char *text)
{
	if (!at)
		return;
	tell(at->next, text);
	sprintf(text + strlen(text), " %s %d", ITEM(at)->name, ITEM(at)->weight);
}

int main(void)
{
	char line[16], text[200];

	while (ask(line, sizeof line)) {
		add(line);
		*text = 0;
		tell(items.next, text);
		answer("old%s", text);
	}
	return 0;
}
