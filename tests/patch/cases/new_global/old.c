#include "serve.h"

static int seen;

static void reply(const char *line)
{
	seen++;
	answer("old %d %s", seen, line);
}

int main(void)
{
	char line[64];

	while (ask(line, sizeof line))
		reply(line);
	return 0;
}
