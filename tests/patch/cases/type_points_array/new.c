/*
 * An event loop's way: what is waited for lies in lists whose heads a row of void pointers leads to, and
 * inside of connections. The mapping file says what that row is of.
 */
#include "serve.h"

struct event {
	struct event *next, **previous;
	int fired;
	void *arg;
};
struct conn {
	unsigned long turns;
	int fd;
	struct event event;
	char name[16];
};
struct slot {
	struct event *first;
};

static struct table {
	void **entries;
	int n;
} table;
static struct conn **conns;

static void add(struct slot *s, struct event *e)
{
	if ((e->next = s->first))
		e->next->previous = &e->next;
	s->first = e;
	e->previous = &s->first;
}

static void begin(int n)
{
	table.n = n;
	table.entries = calloc((size_t)n, sizeof *table.entries);
	conns = calloc((size_t)n, sizeof *conns);
	for (int i = 0; i < n; i++) {
		struct conn *c = conns[i] = calloc(1, sizeof *c);

		table.entries[i] = calloc(1, sizeof(struct slot));
		snprintf(c->name, sizeof c->name, "c%d", i);
		c->event.arg = c;
		add(table.entries[i], &c->event);
	}
}

/* How many connections' own events have fired, by way of the row. */
static int fire(void)
{
	int right = 0;

	for (int i = 0; i < table.n; i++) {
		struct slot *s = table.entries[i];

		for (struct event *e = s->first; e; e = e->next) {
			struct conn *c = e->arg;

			right += ++e->fired == conns[i]->event.fired && c == conns[i] &&
				 e == &c->event && *e->previous == e;
		}
	}
	return right;
}

int main(void)
{
	char line[64];

	begin(8);
	while (ask(line, sizeof line)) {
		int right = fire();

		answer("new %s %d of %d, %s %d", line, right, table.n, conns[7]->name,
			conns[7]->event.fired);
	}
	return 0;
}
