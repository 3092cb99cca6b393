/* Compound literals are told apart by their text, wherever they stand. */
#include "serve.h"

struct item {
	int number;
	struct item *next;
};

static struct item *kept;

static int serve(void)
{
	char line[16];

	kept = &(struct item){1, 0};
	kept->next = &(struct item){2, 0};
	kept->number += 10;
	while (ask(line, sizeof line))
		answer("old %d %d", kept->number, kept->next->number++);
	return kept->number;
}

int main(void)
{
	return serve() == 0;
}
