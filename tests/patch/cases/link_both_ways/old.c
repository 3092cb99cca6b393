/*
 * Linux's lists: links inside of what they link. A conn is on two lists or three; heads of lists are in
 * a variable, in a server on the heap, in an array on the heap, in a conn, and in a frame.
 */
#include <stddef.h>

#include "serve.h"

struct list_head {
	struct list_head *next, *prev;
};

#define container_of(p, type, member) \
	({ \
		const typeof(((type *)0)->member) *inner = (p); \
		(type *)((char *)inner - offsetof(type, member)); \
	})
#define list_for_each_entry(at, head, member) \
	for (at = container_of((head)->next, typeof(*at), member); &at->member != (head); \
		at = container_of(at->member.next, typeof(*at), member))

static void list_init(struct list_head *head)
{
	head->next = head->prev = head;
}

static void list_add_tail(struct list_head *link, struct list_head *head)
{
	link->prev = head->prev;
	link->next = head;
	head->prev->next = link;
	head->prev = link;
}

/* The one that is taken out goes on pointing to its neighbours. */
static void list_del(struct list_head *link)
{
	link->prev->next = link->next;
	link->next->prev = link->prev;
}

struct request { /* does not change itself: it leads to what does */
	struct list_head link;
	struct conn *by;
	char text[16];
};

struct conn {
	int number;
	struct list_head all;
	struct list_head idle;
	struct list_head bucket;
	struct list_head requests;
};

struct server {
	long served;
	struct list_head idle;
	struct list_head *buckets;
};

static struct list_head conns = {&conns, &conns};
static struct list_head nobody = {&nobody, &nobody};
static struct server *server;
static struct conn *favourite;
static int count;

static struct conn *add(struct list_head *mine)
{
	struct conn *c = malloc(sizeof *c);

	c->number = ++count;
	list_add_tail(&c->all, count % 3 ? &conns : mine);
	list_add_tail(&c->idle, &server->idle);
	list_add_tail(&c->bucket, &server->buckets[count % 4]);
	list_init(&c->requests);
	return c;
}

static void ask_for(struct conn *c, const char *text)
{
	struct request *r = malloc(sizeof *r);

	r->by = c;
	strcpy(r->text, text);
	list_add_tail(&r->link, &c->requests);
}

static void drop(struct conn *c)
{
	while (c->requests.next != &c->requests) {
		struct request *r = container_of(c->requests.next, struct request, link);

		list_del(&r->link);
		free(r);
	}
	list_del(&c->all);
	list_del(&c->bucket);
	free(c);
}

static void tell(const struct list_head *mine)
{
	char text[200] = "";
	struct conn *c;
	struct request *r;

	list_for_each_entry(c, &conns, all) {
		sprintf(text + strlen(text), " %d", c->number);
		list_for_each_entry(r, &c->requests, link)
			sprintf(text + strlen(text), "%s%d", r->text, r->by->number);
	}
	strcat(text, " |");
	list_for_each_entry(c, mine, all) sprintf(text + strlen(text), " %d", c->number);
	strcat(text, " |");
	list_for_each_entry(c, &server->idle, idle) sprintf(text + strlen(text), " %d", c->number);
	strcat(text, " |");
	for (int i = 0; i < 4; i++)
		list_for_each_entry(c, &server->buckets[i], bucket)
			sprintf(text + strlen(text), " %d", c->number);
	answer("old%s | %d%s", text, favourite->number, nobody.next == &nobody ? "" : " ?");
}

int main(void)
{
	struct list_head mine;
	char line[16];

	server = malloc(sizeof *server);
	list_init(&mine);
	list_init(&server->idle);
	server->buckets = malloc(4 * sizeof *server->buckets);
	for (int i = 0; i < 4; i++)
		list_init(&server->buckets[i]);
	favourite = add(&mine);
	for (int i = 0; i < 4; i++)
		add(&mine);
	while (ask(line, sizeof line)) {
		struct conn *c = add(&mine);

		ask_for(c, line);
		ask_for(favourite, line);
		/* Nobody puts the first idle one back; its link stays as it was. */
		list_del(server->idle.next);
		if (count == 8) {
			c = container_of(conns.prev->prev, struct conn, all);
			list_del(&c->idle);
			drop(c);
		}
		tell(&mine);
	}
	return 0;
}
