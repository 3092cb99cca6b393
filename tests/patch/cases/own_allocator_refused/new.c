#include "serve.h"

/* An allocator of the program's own: blocks of a static array, each behind its size. */
static char memory[4096];
static unsigned long used;
static int taken;

struct item {
	struct item *next;
	char name[20];
	long weight;
};

static struct item *items;

static __attribute__((noinline)) void *pool_get(unsigned long size)
{
	unsigned long *head = (unsigned long *)(memory + used);

	if (used + size + 16 > sizeof memory)
		return 0;
	*head = size;
	used += (size + 31) & ~15UL;
	taken++;
	return head + 2;
}

static __attribute__((noinline)) void pool_put(void *p)
{
	((unsigned long *)p)[-1] = 1; /* freed */
	taken--;
}

static void add(const char *line)
{
	struct item *item = pool_get(sizeof *item);

	item->weight = atoi(line);
	item->next = items;
	items = item;
}

int main(void)
{
	char line[8];

	while (ask(line, sizeof line)) {
		if (line[0] == '-') {
			struct item *gone = items;

			items = gone->next;
			pool_put(gone);
		} else {
			add(line);
		}
		answer("new %ld %ld %d", items->weight, items->next ? items->next->weight : -1, taken);
	}
	return 0;
}
