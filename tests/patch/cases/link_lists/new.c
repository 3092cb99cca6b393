/*
 * PostgreSQL's lists: heads that are zero at first, and lists linked one way. Links at the beginning of
 * what they link, nested ones, and links that a cast alone takes for the whole.
 */
#include <stddef.h>

#include "serve.h"

struct dlist_node {
	struct dlist_node *prev, *next;
};

struct dlist_head {
	struct dlist_node head; /* zero: empty */
};

struct slist_node {
	struct slist_node *next;
};

struct slist_head {
	struct slist_node head;
};

#define container(type, member, p) ((type *)((char *)(p)-offsetof(type, member)))

struct named { /* what all kinds begin with */
	struct slist_node link;
	char *name;
};

struct lock {
	struct named named;
	struct dlist_head waiters;
	long holders;
	int shared;
};

struct waiter {
	short kind;
	struct dlist_node link;
	struct lock *for_lock;
	int mode;
	struct {
		long since;
		struct dlist_node link;
	} by_age;
};

static struct slist_head locks;
static struct dlist_head by_age;
static int clock;

static void push(struct dlist_head *list, struct dlist_node *node)
{
	if (!list->head.next)
		list->head.next = list->head.prev = &list->head;
	node->next = &list->head;
	node->prev = list->head.prev;
	node->prev->next = node;
	list->head.prev = node;
}

static struct lock *lock_of(const char *name)
{
	struct lock *l;

	for (struct slist_node *n = locks.head.next; n; n = n->next) {
		l = (struct lock *)n;
		if (!strcmp(l->named.name, name))
			return l;
	}
	l = calloc(1, sizeof *l);
	l->named.name = strdup(name);
	l->named.link.next = locks.head.next;
	locks.head.next = &l->named.link;
	return l;
}

static void wait_for(struct lock *l)
{
	struct waiter *w = calloc(1, sizeof *w);

	w->for_lock = l;
	w->mode = ++l->holders % 3;
	w->by_age.since = ++clock;
	push(&l->waiters, &w->link);
	push(&by_age, &w->by_age.link);
}

static void tell(void)
{
	char text[200] = "";

	for (struct slist_node *n = locks.head.next; n; n = n->next) {
		struct lock *l = (struct lock *)n;
		struct dlist_node *end = &l->waiters.head;

		sprintf(text + strlen(text), " %s:", l->named.name);
		for (struct dlist_node *i = end->next; i && i != end; i = i->next) {
			struct waiter *w = container(struct waiter, link, i);

			sprintf(text + strlen(text), "%ld", w->mode + w->by_age.since);
		}
	}
	strcat(text, " |");
	for (struct dlist_node *i = by_age.head.prev; i && i != &by_age.head; i = i->prev) {
		struct waiter *w = container(struct waiter, by_age.link, i);

		sprintf(text + strlen(text), " %s%ld", w->for_lock->named.name, w->by_age.since);
	}
	answer("new%s", text);
}

int main(void)
{
	char line[16];

	while (ask(line, sizeof line)) {
		struct lock *l = lock_of(line);

		if (*line != 'e')
			wait_for(l);
		tell();
	}
	return 0;
}
