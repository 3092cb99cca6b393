#include "serve.h"

/* One function with continuation points and one without: their statics are found in both. */
static int count(void)
{
	static int total = 10;
	static int steps = 5;

	steps++;
	total += 100;
	return 1000 * steps + total;
}

static void reply(const char *line)
{
	static int calls;
	static const char *before = "none";
	static char kept[64];

	calls++;
	answer("new %d %d %s after %s", calls, count(), line, before);
	strcpy(kept, line);
	before = kept;
}

int main(void)
{
	char line[64];

	while (ask(line, sizeof line))
		reply(line);
	return 0;
}
