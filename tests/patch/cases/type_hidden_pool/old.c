/*
 * A connection is also known by a `void *`, so nobody knows what lies in a block that fits several of
 * them. A table of pointers to items, and the page that the items lie in, say themselves what they are.
 */
#include "serve.h"

#define CONNS 4
#define SLOTS 64

struct conn {
	int turns;
	char name[12];
};

struct item {
	struct item *next;
	long key;
	char value[];
};

struct event {
	void *arg;
	int fired;
};

static struct conn *conns[CONNS];
static struct event events[CONNS];
static struct item **table;
static char *page, *free_from;
static int used;

static struct item *put(const char *value)
{
	struct item *i = (struct item *)free_from;

	free_from += 64;
	i->key = value[0];
	strcpy(i->value, value);
	i->next = table[i->key % SLOTS];
	table[i->key % SLOTS] = i;
	return i;
}

static void tell(struct event *e)
{
	struct conn *c = e->arg;

	answer("old %s %d", c->name, ++c->turns);
}

int main(void)
{
	char line[12];

	table = calloc(SLOTS, sizeof *table);
	page = calloc(1, 4096);
	free_from = page + 24; /* no item begins where the page does */
	while (ask(line, sizeof line)) {
		struct item *i = table[line[0] % SLOTS];

		if (i) {
			answer("item %s", i->value);
			continue;
		}
		put(line);
		if (used < CONNS) {
			conns[used] = calloc(1, sizeof **conns);
			strcpy(conns[used]->name, line);
			events[used].arg = conns[used];
			used++;
		}
		tell(&events[used - 1]);
	}
	return 0;
}
