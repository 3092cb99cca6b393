/* Queues of <sys/queue.h>: pointers to pointers that are members, of the heads and of the last. */
#include <sys/queue.h>

#include "serve.h"

struct message {
	STAILQ_ENTRY(message) next;
	unsigned short length;
	char text[];
};

struct client {
	TAILQ_ENTRY(client) all;
	int number;
	STAILQ_HEAD(, message) queue;
	LIST_ENTRY(client) busy;
};

static TAILQ_HEAD(clients, client) clients = TAILQ_HEAD_INITIALIZER(clients);
static LIST_HEAD(, client) busy = LIST_HEAD_INITIALIZER(busy);
static int count;

static void send_to(struct client *c, const char *text) __attribute__((noinline));

static void send_to(struct client *c, const char *text)
{
	struct message *m = malloc(sizeof *m + strlen(text) + 1);

	m->length = strlen(text);
	strcpy(m->text, text);
	STAILQ_INSERT_TAIL(&c->queue, m, next);
}

static struct client *add(void)
{
	struct client *c = calloc(1, sizeof *c);

	c->number = ++count;
	STAILQ_INIT(&c->queue);
	TAILQ_INSERT_TAIL(&clients, c, all);
	if (count % 2)
		LIST_INSERT_HEAD(&busy, c, busy);
	return c;
}

/* Takes the first client out, with what is queued for it. */
static void drop(void)
{
	struct client *c = TAILQ_FIRST(&clients);
	struct message *m;

	TAILQ_REMOVE(&clients, c, all);
	if (c->number % 2)
		LIST_REMOVE(c, busy);
	while ((m = STAILQ_FIRST(&c->queue))) {
		STAILQ_REMOVE_HEAD(&c->queue, next);
		free(m);
	}
	free(c);
}

static void tell(void)
{
	char text[200] = "";
	struct client *c, *last = TAILQ_LAST(&clients, clients);
	struct message *m;

	TAILQ_FOREACH_REVERSE(c, &clients, clients, all) {
		sprintf(text + strlen(text), " %d:", c->number);
		STAILQ_FOREACH(m, &c->queue, next)
			sprintf(text + strlen(text), "%.*s", m->length, m->text);
	}
	strcat(text, " |");
	LIST_FOREACH(c, &busy, busy)
		sprintf(text + strlen(text), " %d", c->number);
	answer("old %d%s", last->number, text);
}

int main(void)
{
	char line[16];
	struct client *c;

	for (int i = 0; i < 4; i++)
		add();
	while (ask(line, sizeof line)) {
		TAILQ_FOREACH(c, &clients, all)
			if (c->number % 3)
				send_to(c, line);
		add();
		drop();
		tell();
	}
	return 0;
}
