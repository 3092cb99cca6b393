/* Behind a loop over a list its variable leads to what would be around the head: nobody looks at it. */
#include <stddef.h>

#include "serve.h"

struct list_head {
	struct list_head *next, *prev;
};

struct item {
	int number;
	struct list_head link;
};

struct other {
	int number;
	long more;
};

#define list_entry(p, type, member) ((type *)((char *)(p) - offsetof(type, member)))
#define list_for_each_entry(p, head, member) \
	for (p = list_entry((head)->next, __typeof__(*p), member); &p->member != (head); \
		p = list_entry(p->member.next, __typeof__(*p), member))

static struct {
	struct other before[2];
	struct list_head head;
} all = {{{1, 2}, {3, 4}}, {&all.head, &all.head}};

static void add(int number)
{
	struct item *item = calloc(1, sizeof *item);

	item->number = number;
	item->link.prev = all.head.prev;
	item->link.next = &all.head;
	all.head.prev->next = &item->link;
	all.head.prev = &item->link;
}

int main(void)
{
	char line[12], text[200];
	struct item *item;
	int n = 0;

	while (ask(line, sizeof line)) {
		*text = 0;
		list_for_each_entry(item, &all.head, link)
			sprintf(text + strlen(text), " %d", item->number);
		answer("old%s of %d bytes or more", text, (int)sizeof *item & ~255);
		item = NULL;
		add(++n);
		list_for_each_entry(item, &all.head, link)
			item->number += 10;
	}
	return 0;
}
