/* An unnamed object of an active function. */
#include "serve.h"

struct item {
	int number;
	struct item *next;
};

static struct item *kept;

static int serve(void)
{
	struct item *storage = &(struct item){0};
	char line[16];

	kept = storage;
	kept->number = 5;
	while (ask(line, sizeof line))
		answer("old %d", kept->number);
	return storage->number;
}

int main(void)
{
	return serve() == 0;
}
