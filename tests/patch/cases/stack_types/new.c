#include <stdlib.h>

#include "serve.h"

/*
 * The loop of main becomes a function of its own, as a type changes. Two names of main's come to
 * mean something else, one of which could be made of the old value and one could not: what moves
 * into the other function is moved as it is.
 */
struct item {
	long extra;
	int weight;
};

static int serve(struct item *held, char *text, int size, int begins)
{
	int count = begins;
	long sum = 7;

	while (ask(text, size)) {
		count++;
		sum += text[0];
		held->weight += count;
		answer("new %s %d %ld %d", text, count, sum, held->weight + (int)held->extra);
	}
	return count;
}

int main(void)
{
	char line[64];
	struct item *held = calloc(1, sizeof *held);
	float count;
	const char *share;

	count = (float)serve(held, line, sizeof line, 0) / 2;
	share = getenv("HOME") ? "at home" : "away";
	answer("new end %d", held->weight);
	answer("new end %d %s", (int)(count * 2), share);
	return 0;
}
