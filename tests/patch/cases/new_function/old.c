#include "serve.h"

static void reply(const char *line)
{
	answer("old %s", line);
}

int main(void)
{
	char line[64];

	while (ask(line, sizeof line))
		reply(line);
	return 0;
}
