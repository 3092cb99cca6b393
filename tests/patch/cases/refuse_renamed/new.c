#include "serve.h"

/* Pointers to a function are not redirected, and its static variables are known by its name. */
static int begin(char *line, int size)
{
	return ask(line, size);
}

static int go_on(char *line)
{
	static int count;

	answer("new %d", ++count);
	return ask(line, 64);
}

static int (*called)(char *);

int main(void)
{
	char line[64];

	while (begin(line, 64) && go_on(line))
		answer("new %s", line);
	return called != 0;
}
