#include "serve.h"

/* A loop becomes a recursion: each round that has been gets a frame of its own. */
#define MOST 5

static int walk(int from, int i)
{
	char line[64];
	int word, rest;

	if (i == MOST)
		return 0;
	if (!ask(line, sizeof line))
		return -1;
	word = (int)strlen(line) + from;
	answer("new %s %d", line, i);
	rest = walk(from, i + 1);
	return rest < 0 ? -1 : 10 * rest + word;
}

int main(void)
{
	char line[64];
	int got;

	while ((got = walk(1, 0)) >= 0 && ask(line, sizeof line))
		answer("new all %d", got);
	return 0;
}
