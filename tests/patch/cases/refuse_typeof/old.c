/* What type a variable has is said by an expression that is not read. */
#include "serve.h"

struct item {
	int number;
	struct item *next;
};

struct box {
	struct item *item;
	long size;
};

static struct box box;

static int serve(void)
{
	char line[16];
	__typeof__(({ 1; box; })) copy = box;
	__typeof__(box.item) item = box.item;

	while (ask(line, sizeof line))
		answer("old %d %d", copy.item->number, item->next->number);
	return 0;
}

int main(void)
{
	box.item = malloc(sizeof *box.item);
	box.item->number = 5;
	box.item->next = box.item;
	return serve();
}
