#include "serve.h"

/* What only one of the versions has: kept in variables, zero in what lies on the heap. */
struct mark {
	char label[8];
	long weight;
};

struct item {
	struct mark mark;
	long number, added;
	struct item *next;
	char *label; /* into the struct's own middle, to the beginning of an inner one in one version */
	struct item *twin;
};

static struct conf {
	struct item *first, *last;
	long level;
	int added;
} conf = {0, 0, 3, 9};

static struct item *add(int number)
{
	struct item *i = calloc(1, sizeof *i);

	i->number = number;
	i->added = 1;
	i->twin = conf.first;
	strcpy(i->mark.label, "m");
	i->mark.weight = number * 10;
	i->label = i->mark.label;
	if (conf.last)
		conf.last->next = i;
	else
		conf.first = i;
	conf.last = i;
	return i;
}

static int sum(void)
{
	int n = 0;

	for (struct item *i = conf.first; i; i = i->next)
		n += i->number + (strcmp(i->label, "m") != 0) * 1000 + (i->mark.weight != i->number * 10) * 1000;
	return n;
}

static int gone(void)
{
	int n = 0;

	for (struct item *i = conf.first; i; i = i->next)
		n += i->added;
	return n;
}

int main(void)
{
	char line[16];

	while (ask(line, sizeof line)) {
		struct item *i = add(atoi(line));

		conf.level++;
		answer("new %d %d %ld %ld %d", sum(), gone(), i->number, conf.level, conf.added);
	}
	return 0;
}
