#include "serve.h"

struct item {
	signed char weight;
	int more;
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
		answer("new %d", items->weight);
	}
	return 0;
}
