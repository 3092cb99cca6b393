#include "serve.h"

int serve(char *line);

/* Frames of two files, with a function of one name in each, and one that calls itself. */
static int get(char *line)
{
	return ask(line, 64);
}

static int deep(char *line, int depth)
{
	return depth ? deep(line, depth - 1) : get(line);
}

int main(void)
{
	char line[64];
	int count = 0;

	while (deep(line, 2)) {
		count++;
		answer("old %d %d", count, serve(line));
	}
	return 0;
}
