/* The mapping file says how objects convert, and how they convert back. */
#include "serve.h"

enum kind { NOTHING, NUMBER, THING };

struct thing {
	struct thing *next;
	double mass;
	char name[12];
	long kilos;
	int doubled;
};

struct value {
	void *data;
	enum kind kind;
	union {
		struct thing *item;
		long number;
	} u;
};

static int limit = 100;
static struct thing *items;
static struct value last;

static void add(const char *name)
{
	struct thing *thing = calloc(1, sizeof *thing);

	thing->kilos = ++limit;
	thing->mass = 0.25 * limit;
	thing->doubled = 2 * limit;
	thing->next = items;
	strcpy(thing->name, name);
	items = thing;
	last = (struct value){thing, THING, {.item = thing}};
}

static void tell(void)
{
	char text[200] = "";
	struct thing *data = last.data;

	for (struct thing *i = items; i; i = i->next)
		sprintf(text + strlen(text), " %s %ld %g %d", i->name, i->kilos, i->mass, i->doubled);
	answer("new%s %d %s", text, last.u.item == items && last.kind == THING, data->name);
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
