#include "serve.h"

struct item {
	long weight;
	struct item *next;
};

static struct item *items;

int main(void)
{
	char line[16];

	while (ask(line, sizeof line)) {
		struct item *item = malloc(sizeof *item);

		*item = (struct item){atol(line), items};
		items = item;
		answer("old %ld", items->weight);
	}
	return 0;
}
