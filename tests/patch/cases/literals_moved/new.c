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
	struct item *second = &(struct item){2, 0};

	kept = &(struct item){1, 0};
	kept->next = second;
	kept->number += 10;
	while (ask(line, sizeof line))
		answer("new %d %d", kept->number, kept->next->number++);
	return kept->number;
}

int main(void)
{
	return serve() == 0;
}
