/* Of two `void *` that look alike to the update, one leads to bytes that could be an object. */
#include "serve.h"

struct conn {
	long last;
	int turns;
	char name[44];
};

struct event {
	void *arg;
	void *buffer;
	struct event *next;
};

static struct conn *first;
static struct event *events;

static void add(const char *name)
{
	struct event *e = malloc(sizeof *e);
	struct conn *c = calloc(1, sizeof *c);

	strcpy(c->name, name);
	first = first ? first : c;
	e->arg = first;
	e->buffer = calloc(1, sizeof *c);
	strcpy(e->buffer, name);
	e->next = events;
	events = e;
	if (c != first)
		free(c);
}

int main(void)
{
	char line[16];

	while (ask(line, sizeof line)) {
		struct conn *c;

		add(line);
		c = events->arg;
		answer("new %s %s %d %ld", (char *)events->buffer, c->name, ++c->turns, c->last++);
	}
	return 0;
}
