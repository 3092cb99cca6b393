#include "serve.h"

/* gcc leaves out a variable that no code needs; now some does. */
static int last = 3;

int main(void)
{
	char line[64];

	while (ask(line, sizeof line))
		answer("old %s %d", line, (int)sizeof last);
	return 0;
}
