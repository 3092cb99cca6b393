#include "serve.h"

/* What the mapping file names is not there, or there twice. */
static int first(char *line)
{
	return ask(line, 64);
}

int main(void)
{
	char line[64];

	while (first(line)) {
		answer("old %s", line);
		answer("old again");
	}
	return 0;
}
