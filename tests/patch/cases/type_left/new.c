/* Variables that nothing has been put into hold what functions have left that have returned. */
#include "serve.h"

struct item {
	long more, number;
	struct item *next;
};

static struct item *items;

static struct item *make(int number)
{
	struct item *item = malloc(sizeof *item);

	item->number = number;
	item->next = items;
	items = item;
	return item;
}

/* Leaves addresses of its own, of code, of constants and of libraries where others have variables. */
static __attribute__((noinline)) void leave(void)
{
	const void *volatile all[256];

	for (int i = 0; i < 256; i += 8) {
		all[i] = (void *)&all[i];
		all[i + 1] = (void *)leave;
		all[i + 2] = "a constant";
		all[i + 3] = (void *)printf;
		all[i + 4] = stdout;
		all[i + 5] = __builtin_frame_address(0);
		all[i + 6] = __builtin_return_address(0);
		all[i + 7] = (char *)&all[i] - 10000;
	}
	(void)all[255];
}

static __attribute__((noinline)) int serve(void)
{
	struct item *found[200];
	char line[16];
	int n = 0;

	while (ask(line, sizeof line)) {
		found[n++] = make(atoi(line));
		answer("new %ld %ld", found[n - 1]->number, found[0]->number);
	}
	return n;
}

int main(void)
{
	leave();
	return serve() == 0;
}
