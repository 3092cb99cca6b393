#include "serve.h"

/* Static variables of a function that calls nothing stay in their blocks; what has grown is anew. */
static int count(int by)
{
	static char total = 100, spare;
	static unsigned char steps, more = 3;

	steps++;
	spare += 2;
	more++;
	return (total += by) + 1000 * steps + 100000 * spare + 10000000 * more;
}

int main(void)
{
	char line[64];

	while (ask(line, sizeof line))
		answer("old %d", count(atoi(line)));
	return 0;
}
