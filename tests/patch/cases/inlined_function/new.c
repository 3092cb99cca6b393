#include "serve.h"

static inline int weigh(const char *line)
{
	return 1000 + (int)strlen(line);
}

static int twice(const char *line)
{
	return 2 * weigh(line);
}

int main(void)
{
	char line[64];

	while (ask(line, sizeof line))
		answer("weight %d", twice(line));
	return 0;
}
