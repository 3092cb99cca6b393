#include "serve.h"

/* Whoever waits in a call that the new version does not make gets out of it first. */
static int second(char *line)
{
	return ask(line, 64);
}

int main(void)
{
	char line[64];

	for (;;) {
		if (!ask(line, sizeof line))
			return 0;
		answer("old first %s", line);
		if (!second(line))
			return 0;
		answer("old second %s", line);
	}
}
