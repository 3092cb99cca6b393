#include "serve.h"

/* What the mapping file names is not there, or there twice. */
static int begin(char *line)
{
	return ask(line, 64);
}

static int start(char *line)
{
	return ask(line, 64);
}

int main(void)
{
	char line[64];

	while (begin(line) && start(line))
		answer("new %s", line);
	return 0;
}
