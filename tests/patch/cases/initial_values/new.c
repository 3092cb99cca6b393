#include "serve.h"

/* Both are 1 until they are set, and only ever set to 0: where one is 1 it was not set. */
static int works = -1;

static int tried(int fails)
{
	static int known = 7;

	if (fails)
		known = 0;
	return known;
}

/* Another function's variable of the same name is none of this one's affair. */
static int other(void)
{
	static int known = 1;

	return known++;
}

int main(void)
{
	char line[64];

	while (ask(line, sizeof line)) {
		if (line[0] == 'w')
			works = 0;
		answer("new %d %d", works, tried(line[0] == 't') + 0 * other());
	}
	return 0;
}
