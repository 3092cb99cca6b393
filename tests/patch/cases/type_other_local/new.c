#include "serve.h"

/*
 * A name means something else that nothing can be made of: whoever waits where it has a value goes on
 * in the old version to the next point. Nothing is refused for it, although another type changes.
 */
struct item {
	long size;
	int weight;
};

static struct item *held;

static int second(char *line)
{
	const char *seen = line[0] == 'a' ? "a" : "none";

	if (!ask(line, 64))
		return 0;
	answer("new second %s %s %d", line, seen, held->weight);
	return 1;
}

int main(void)
{
	char line[64];

	held = calloc(1, sizeof *held);
	held->weight = 5;
	while (ask(line, sizeof line)) {
		answer("new first %s %d", line, held->weight);
		if (!second(line))
			return 0;
	}
	return 0;
}
