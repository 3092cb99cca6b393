#include "serve.h"

/* Pointers to a function are not redirected, and its static variables are known by its name. */
static int first(char *line)
{
	return ask(line, 64);
}

static int second(char *line)
{
	static int count;

	answer("old %d", ++count);
	return ask(line, 64);
}

static int (*called)(char *) = first;

int main(void)
{
	char line[64];

	while (called(line) && second(line))
		answer("old %s", line);
	return 0;
}
