#include "serve.h"

/* One function with continuation points and one without: their statics are found in both. */
static int count(void)
{
	static int total = 10;

	return ++total;
}

static void reply(const char *line)
{
	static int calls;

	calls++;
	answer("old %d %d %s", calls, count(), line);
}

int main(void)
{
	char line[64];

	while (ask(line, sizeof line))
		reply(line);
	return 0;
}
