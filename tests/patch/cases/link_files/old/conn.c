#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "list.h"

struct conn {
	int number;
	struct list_head all, idle;
	char name[12];
};

static int count;

static void add(struct list_head *link, struct list_head *head)
{
	link->prev = head->prev;
	link->next = head;
	head->prev->next = link;
	head->prev = link;
}

void conn_add(struct list_head *all, struct list_head *idle, const char *name)
{
	struct conn *c = calloc(1, sizeof *c);

	c->number = ++count;
	strcpy(c->name, name);
	add(&c->all, all);
	if (count % 2)
		add(&c->idle, idle);
	else
		c->idle.next = c->idle.prev = &c->idle;
}

void conn_tell(const struct list_head *all, const struct list_head *idle, char *text)
{
	const struct conn *c;

	strcpy(text, "old ");
	for (struct list_head *i = all->next; i != all; i = i->next) {
		c = (struct conn *)((char *)i - offsetof(struct conn, all));
		sprintf(text + strlen(text), "%s%d ", c->name, c->number);
	}
	for (struct list_head *i = idle->prev; i != idle; i = i->prev) {
		c = (struct conn *)((char *)i - offsetof(struct conn, idle));
		sprintf(text + strlen(text), "%d ", c->number);
	}
}
