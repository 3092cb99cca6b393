/* A function is named once, where its address is taken: it has one address, whoever takes it. */
#include "serve.h"

struct item {
	void (*fire)(struct item *item);
	char name[16];
	long count;
};

static void hit(struct item *item)
{
	item->count += 10;
}

static __attribute__((noinline)) void arm(struct item *item, void (*fire)(struct item *item))
{
	item->fire = fire;
}

static struct item *items[8];

int main(void)
{
	char line[16];
	int n = 0;

	while (ask(line, sizeof line)) {
		struct item *item = calloc(1, sizeof *item);
		char text[64] = "";

		arm(item, hit);
		items[n++] = item;
		for (int i = 0; i < n; i++) {
			items[i]->fire(items[i]);
			sprintf(text + strlen(text), " %ld%d", items[i]->count, items[i]->fire == items[0]->fire);
		}
		answer("new%s", text);
	}
	return 0;
}
