#include <stddef.h>

#include "serve.h"

struct link {
	struct link *next;
};

struct other {
	struct other *next;
};

struct conn {
	long number;
	struct link link;
};

struct server {
	struct link conns;
	struct other others;
	int count;
};

static struct server server;
static struct link idle;
static int count;

int main(void)
{
	char line[16];

	while (ask(line, sizeof line)) {
		struct conn *c = calloc(1, sizeof *c);

		c->number = ++count;
		c->link.next = server.conns.next;
		server.conns.next = &c->link;
		c = (struct conn *)((char *)server.conns.next - offsetof(struct conn, link));
		answer("new %d%d", (int)c->number, &idle == server.conns.next);
	}
	return 0;
}
