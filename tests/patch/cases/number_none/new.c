/* An address that is a number for a moment only, in what another program would give back. */
#include <stdint.h>

#include "serve.h"

struct item {
	struct item *next;
	long times;
	int number;
};

static struct item *items;

static uint64_t handle_of(struct item *i)
{
	return (uint64_t)(uintptr_t)i;
}

static struct item *of_handle(uint64_t handle)
{
	return (struct item *)(uintptr_t)handle;
}

int main(void)
{
	char line[8];
	int sum;

	while (ask(line, sizeof line)) {
		struct item *i = calloc(1, sizeof *i);

		i->number = atoi(line);
		i->next = items;
		items = of_handle(handle_of(i));
		sum = 0;
		for (i = items; i; i = i->next)
			sum += i->number;
		answer("new %d", sum);
	}
	return 0;
}
