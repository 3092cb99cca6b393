#include "serve.h"

/* gcc inlines weigh(), which is called once: the program has no such symbol of its own. */
static int weigh(const char *s)
{
	return (int)strlen(s);
}

static int count = 10;

static void reply(const char *line)
{
	count++;
	answer("one %d %d", count, weigh(line));
}

int main(void)
{
	char line[64];

	while (ask(line, sizeof line))
		reply(line);
	return 0;
}
