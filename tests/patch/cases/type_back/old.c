#include "serve.h"

/* What only one of the versions has: kept in variables, zero in what lies on the heap. */
struct mark {
	short weight;
	char label[6];
};

struct item {
	int number, gone;
	struct item *next;
	struct mark mark;
	char *label; /* into the struct's own middle, to the beginning of an inner one in one version */
};

static struct conf {
	int level, gone;
	struct item *first, *last;
} conf = {3, 77, 0, 0};

static struct item *add(int number)
{
	struct item *i = calloc(1, sizeof *i);

	i->number = number;
	i->gone = 55;
	strcpy(i->mark.label, "m");
	i->mark.weight = (short)(number * 10);
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
		n += i->gone;
	return n;
}

int main(void)
{
	char line[16];

	while (ask(line, sizeof line)) {
		struct item *i = add(atoi(line));

		conf.level++;
		answer("old %d %d %d %d %d", sum(), gone(), i->number, conf.level, conf.gone);
	}
	return 0;
}
