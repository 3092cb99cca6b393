#include "serve.h"

/* A recursion becomes a loop: what its frames know is one array. */
#define MOST 5

static int walk(int from)
{
	char line[64];
	int words[MOST], i, all = 0;

	for (i = 0; i < MOST; i++) {
		if (!ask(line, sizeof line))
			return -1;
		words[i] = (int)strlen(line) + from;
		answer("new %s %d", line, i);
	}
	for (i = MOST; i > 0; i--)
		all = 10 * all + words[i - 1];
	return all;
}

int main(void)
{
	char line[64];
	int got;

	while ((got = walk(1)) >= 0 && ask(line, sizeof line))
		answer("new all %d", got);
	return 0;
}
