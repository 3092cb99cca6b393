#include "serve.h"

/* Static variables of a function that calls nothing stay in their blocks; what has grown is anew. */
static int count(int by)
{
	static long total = 100, spare;
	static unsigned char steps, more = 3;
	static int latest, most = 1;

	steps++;
	spare += 2;
	more++;
	latest = by;
	most = by > most ? by : most;
	return (int)(latest + most) + (int)(total += by) + 1000 * steps + 100000 * spare + 10000000 * more;
}

int main(void)
{
	char line[64];

	while (ask(line, sizeof line))
		answer("new %d", count(atoi(line)));
	return 0;
}
