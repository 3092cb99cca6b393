/* Functions that are declared never to return are on the stack all the time: a server's main loop. */
/* dsu: updates */
#include <stdnoreturn.h>

#include "case.h"

typedef void (*ending)(int) __attribute__((__noreturn__, cold));

extern void serve(int n) __attribute__((noreturn, noinline));
static noreturn void leave(int code);
static ending at_last = leave;

static noreturn void leave(int code)
{
	printf("left with %d\n", hop(code));
	exit(code);
}

void serve(int n)
{
	int served = 0;

	for (;;) {
		served += hop(n);
		printf("%d ", served);
		if (served > 6)
			at_last(hop(served));
		if (served > 60)
			leave(1);
	}
}

int main(void)
{
	int kept = hop(2);

	if (kept)
		serve(kept);
	printf("never here\n");
	return kept;
}
