#include <stdlib.h>

#include "serve.h"

/*
 * The loop of main becomes a function of its own, as a type changes. Two names of main's come to
 * mean something else, one of which could be made of the old value and one could not: what moves
 * into the other function is moved as it is.
 */
struct item {
	int weight;
};

int main(void)
{
	char line[64];
	struct item *held = calloc(1, sizeof *held);
	int count = 0;
	long share = 7;

	while (ask(line, sizeof line)) {
		count++;
		share += line[0];
		held->weight += count;
		answer("old %s %d %ld %d", line, count, share, held->weight);
	}
	answer("old end %d", count);
	return 0;
}
