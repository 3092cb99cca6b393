#include <setjmp.h>

#include "serve.h"

/* Two chains that begin with the same frames, and pointers that are computed as types change. */
struct item {
	long size;
	int weight;
};

static struct item *held;

static void wait(char *line)
{
	if (ask(line, 64))
		answer("new %s %d", line, held->weight);
}

static void deep(char *line, int depth)
{
	char *copy = line;

	if (depth)
		deep(copy, depth - 1);
	else
		wait(copy);
}

static void jumps(char *line)
{
	wait(line);
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
