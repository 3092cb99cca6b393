#include "serve.h"

static int get(char *line)
{
	return ask(line, 32);
}

int serve(char *line)
{
	int seen = line[0];

	return get(line) + seen;
}
