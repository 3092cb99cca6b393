#include "serve.h"

struct item {
	int weight;
	short grams;
	char name[8];
};

enum kind { NUMBER, ITEM };

struct value {
	enum kind kind;
	union {
		struct item *item;
		long number;
	} u;
	void *data, *other;
};

static struct value values[2];
static struct value *last;
static void *nothing = values;

static void fill(const char *name)
{
	struct item *item = malloc(sizeof *item), *other = malloc(sizeof *other);

	*item = (struct item){5, 250, "item"};
	*other = (struct item){6, 125, "data"};
	strcpy(item->name, name);
	values[0] = (struct value){ITEM, {.item = item}, other, &values[1]};
	values[1] = (struct value){NUMBER, {.number = (long)item}, item, values};
	last = &values[1];
}

int main(void)
{
	char line[8];

	while (ask(line, sizeof line)) {
		struct item *data;

		if (!last)
			fill(line);
		data = values[0].data;
		answer("old %s %d %d %s %d %d", values[0].u.item->name, values[0].u.item->weight, data->grams, data->name,
			values[1].data == values[0].u.item, nothing == values);
	}
	return 0;
}
