#include "serve.h"

struct item {
	int grams;
	double each;
	int parts;
};

static struct item *first, last = {40, 10, 4};

int main(void)
{
	char line[8];

	first = malloc(sizeof *first);
	first->grams = 30;
	while (ask(line, sizeof line)) {
		first->parts = atoi(line);
		answer("new %g %d", first->each, last.grams);
	}
	return 0;
}
