/* Pointers to what changes in a block that a `void *` alone leads to, and in one behind that: one of them has a bit set. */
#include "serve.h"

struct item {
	long times;
	int number, weight;
	char name[200];
	struct item *next;
};

struct inner {
	char title[60];
	struct item *last;
	char *name;
	char *tagged;
};

struct outer {
	int count;
	char title[120];
	void *inner;
	void *first;
};

static struct item *items;
static void *context;

static void add(const char *name)
{
	struct outer *outer = context;
	struct inner *inner = outer->inner;
	struct item *i = calloc(1, sizeof *i);

	i->number = ++outer->count;
	strcpy(i->name, name);
	i->next = items;
	items = i;
	if (!outer->first)
		outer->first = i;
	inner->last = i;
	inner->tagged = (char *)i + 1;
	inner->name = i->name;
}

int main(void)
{
	char line[16];

	context = calloc(1, sizeof(struct outer));
	((struct outer *)context)->inner = calloc(1, sizeof(struct inner));
	while (ask(line, sizeof line)) {
		if (*line != '?')
			add(line);

		struct outer *outer = context;
		struct inner *inner = outer->inner;
		struct item *first = outer->first;

		answer("new %d %s %s %s %d", outer->count, first->name, inner->last->name, inner->name,
			inner->last == items);
	}
	return 0;
}
