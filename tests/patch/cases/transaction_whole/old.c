#include "serve.h"

static int one(char *line, const char *which)
{
	answer("old %s %s", which, line);
	return ask(line, 64);
}

/* Only old or only new, although it waits in another function. */
static int both(char *line)
{
	int ok = one(line, "first") && one(line, "second");

	answer("old third %s", line);
	return ok;
}

int main(void)
{
	char line[64];

	while (ask(line, sizeof line))
		if (!both(line))
			return 1;
	return 0;
}
