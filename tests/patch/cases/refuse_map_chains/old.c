#include <setjmp.h>

#include "serve.h"

/* Two chains that begin with the same frames, and pointers that are computed as types change. */
struct item {
	int weight;
};

static struct item *held;

static void deep(char *line, int depth)
{
	if (depth)
		deep(line, depth - 1);
	else if (ask(line, 64))
		answer("old %s %d", line, held->weight);
}

static void jumps(char *line)
{
	jmp_buf at;

	if (!setjmp(at) && ask(line, 64))
		longjmp(at, 1);
}

int main(void)
{
	char line[64];

	held = calloc(1, sizeof *held);
	while (ask(line, sizeof line)) {
		deep(line, 2);
		jumps(line);
	}
	return 0;
}
