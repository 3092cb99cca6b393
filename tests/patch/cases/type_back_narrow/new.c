#include "serve.h"

/* The way back is there, but not for every value. */
struct item {
	long number;
	struct item *next;
};

static struct item *only;

int main(void)
{
	char line[16];

	only = calloc(1, sizeof *only);
	while (ask(line, sizeof line))
		answer("new %ld", only->number += atoi(line));
	return 0;
}
