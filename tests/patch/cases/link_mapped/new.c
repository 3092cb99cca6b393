/* Two things that may be on a list are of one size, with the link at one place. */
#include <stddef.h>

#include "serve.h"

struct link {
	struct link *next;
};

struct conn {
	struct link link;
	long number;
	struct link waiting;
	const char *text;
};

struct timer {
	int after;
	struct link link;
	struct conn *conn;
	long round;
};

#define CONN(p, member) ((struct conn *)((char *)(p) - offsetof(struct conn, member)))
#define TIMER(p) ((struct timer *)((char *)(p) - offsetof(struct timer, link)))

struct server {
	int rounds;
	struct link conns;
};

static struct server server;
static struct link *timers;

static struct conn *add(const char *text)
{
	struct conn *c = calloc(1, sizeof *c);
	struct timer *t = calloc(1, sizeof *t);

	c->number = ++server.rounds;
	c->text = text;
	c->link.next = server.conns.next;
	server.conns.next = &c->link;
	t->after = 10 * c->number;
	t->conn = c;
	t->link.next = timers;
	timers = &t->link;
	return c;
}

static void tell(const struct link *waiting)
{
	char text[200] = "";

	for (struct link *i = server.conns.next; i; i = i->next)
		sprintf(text + strlen(text), " %s%ld", CONN(i, link)->text, CONN(i, link)->number);
	strcat(text, " |");
	for (struct link *i = timers; i; i = i->next)
		sprintf(text + strlen(text), " %ld:%d", TIMER(i)->conn->number, TIMER(i)->after);
	strcat(text, " |");
	for (struct link *i = waiting->next; i; i = i->next)
		sprintf(text + strlen(text), " %ld", CONN(i, waiting)->number);
	answer("new%s", text);
}

int main(void)
{
	struct link waiting = {NULL};
	char line[16];

	while (ask(line, sizeof line)) {
		struct conn *c = add("a");

		if (server.rounds % 2) {
			c->waiting.next = waiting.next;
			waiting.next = &c->waiting;
		}
		tell(&waiting);
	}
	return 0;
}
