#include "serve.h"

/* Both are 1 until they are set, and only ever set to 0: where one is 1 it was not set. */
static int works = 1;

static int tried(int fails)
{
	static int known = 1;

	if (fails)
		known = 0;
	return known;
}

int main(void)
{
	char line[64];

	while (ask(line, sizeof line)) {
		if (line[0] == 'w')
			works = 0;
		answer("old %d %d", works, tried(line[0] == 't'));
	}
	return 0;
}
