#include "serve.h"

/* The way back is there, but not for every value. */
struct item {
	short number;
	struct item *next;
};

static struct item *only;

int main(void)
{
	char line[16];

	only = calloc(1, sizeof *only);
	while (ask(line, sizeof line))
		answer("old %d", only->number += (short)atoi(line));
	return 0;
}
