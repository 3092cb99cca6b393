#include "serve.h"

struct item {
	int grams;
	int parts;
};

static struct item *first, last = {40, 4};

int main(void)
{
	char line[8];

	first = malloc(sizeof *first);
	first->grams = 30;
	while (ask(line, sizeof line)) {
		first->parts = atoi(line);
		answer("old %d %d", first->grams, last.grams);
	}
	return 0;
}
