/* Linux's hash lists: a node knows the pointer that leads to it, a member of another one or a head. */
#include <stddef.h>

#include "serve.h"

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

struct item {
	int number;
	struct hlist_node link;
	char name[12];
};

#define hlist_entry(p, type, member) ((type *)((char *)(p) - offsetof(type, member)))

static struct hlist_head *table;
static int count;

static void insert(const char *name)
{
	struct item *item = calloc(1, sizeof *item);
	struct hlist_head *head = &table[*name % 4];

	item->number = ++count;
	strcpy(item->name, name);
	item->link.next = head->first;
	if (head->first)
		head->first->pprev = &item->link.next;
	head->first = &item->link;
	item->link.pprev = &head->first;
}

static void drop(struct hlist_node *n)
{
	*n->pprev = n->next;
	if (n->next)
		n->next->pprev = n->pprev;
	free(hlist_entry(n, struct item, link));
}

int main(void)
{
	char line[12], text[200];

	table = calloc(4, sizeof *table);
	while (ask(line, sizeof line)) {
		insert(line);
		if (count % 4 == 0)
			drop(table[*line % 4].first->next);
		*text = 0;
		for (int i = 0; i < 4; i++)
			for (struct hlist_node *n = table[i].first; n; n = n->next)
				sprintf(text + strlen(text), " %s%d", hlist_entry(n, struct item, link)->name,
					hlist_entry(n, struct item, link)->number);
		answer("old%s", text);
	}
	return 0;
}
