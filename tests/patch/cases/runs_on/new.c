#include "serve.h"

/* Whoever waits in a call that the new version does not make gets out of it first. */
static int third(char *line, int size)
{
	return ask(line, size);
}

int main(void)
{
	char line[64];

	for (;;) {
		if (!ask(line, sizeof line))
			return 0;
		answer("new first %s", line);
		if (!third(line, 64))
			return 0;
		answer("new third %s", line);
	}
}
