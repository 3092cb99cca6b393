#include "serve.h"

/* What it has begun it ends: a line more, or "stop". */
static int both(char *line)
{
	for (;;) {
		answer("old first %s", line);
		if (!ask(line, 64))
			return 0;
		if (!strcmp(line, "again"))
			continue;
		if (!strcmp(line, "stop"))
			break;
		answer("old second %s", line);
		return 1;
	}
	answer("old nothing");
	return 1;
}

int main(void)
{
	char line[64];

	while (ask(line, sizeof line))
		if (!both(line))
			return 1;
	return 0;
}
