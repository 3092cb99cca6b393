/* What a call has returned is live at every point, because of setjmp(): its type is the function's. */
#include <setjmp.h>

#include "serve.h"

struct item {
	int number;
	struct item *next;
};

static jmp_buf again;
static struct item *items;
static int failures;

static int weigh(const struct item *i) __attribute__((noinline));

static int weigh(const struct item *i)
{
	char line[8];

	if (!ask(line, sizeof line))
		exit(0);
	if (*line == '!')
		longjmp(again, 1);
	return 10 * i->number + atoi(line);
}

int main(void)
{
	char line[8];

	if (setjmp(again)) {
		failures++;
		answer("failed");
	}
	while (ask(line, sizeof line)) {
		struct item *i = calloc(1, sizeof *i);

		i->number = atoi(line);
		i->next = items;
		items = i;
		answer("old %d", i->number);
		answer("old %d %d", weigh(items), failures);
	}
	return 0;
}
