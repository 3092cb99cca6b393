#include "serve.h"

/* What is 1 may have been set to 1; what is written through a pointer may be anything. */
static int works = -1;

static int tried(int fails)
{
	static int known = 7;

	if (fails)
		memset(&known, 0, sizeof known);
	return known;
}

int main(void)
{
	char line[64];

	while (ask(line, sizeof line)) {
		if (line[0] == 'w')
			works = line[1] == '1';
		answer("new %d %d", works, tried(line[0] == 't'));
	}
	return 0;
}
