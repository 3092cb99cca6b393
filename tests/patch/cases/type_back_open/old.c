/* The mapping file says how objects convert, and how they convert back. */
#include "serve.h"

enum kind { NUMBER, ITEM };

struct item {
	int weight;
	int grams;
	struct item *next;
	char name[8];
};

struct value {
	enum kind kind;
	union {
		struct item *item;
		long number;
	} u;
	void *data;
};

static int limit = 100;
static struct item *items;
static struct value last;

static void add(const char *name)
{
	struct item *item = calloc(1, sizeof *item);

	item->weight = ++limit;
	item->grams = 250 * limit;
	item->next = items;
	strcpy(item->name, name);
	items = item;
	last = (struct value){ITEM, {.item = item}, item};
}

static void tell(void)
{
	char text[200] = "";
	struct item *data = last.data;

	for (struct item *i = items; i; i = i->next)
		sprintf(text + strlen(text), " %s %d %d", i->name, i->weight, i->grams);
	answer("old%s %d %s", text, last.u.item == items && last.kind == ITEM, data->name);
}

int main(void)
{
	char line[8];

	while (ask(line, sizeof line)) {
		add(line);
		tell();
	}
	return 0;
}
