#include "serve.h"

/* Called twice, and too large to be inlined twice: version 2's build has the symbol. */
static int weigh(const char *s)
{
	int sum = 0;

	for (const char *p = s; *p; p++)
		sum += *p == 'a' ? 1 : *p == 'b' ? 20 : *p == 'c' ? 300 : 4000;
	for (const char *p = s; *p; p++)
		sum ^= *p == 'x' ? 5 : 0;
	return sum;
}

static int extra = 7;

static void reply(const char *line)
{
	extra++;
	answer("two %d %d %d", extra, weigh(line), weigh(line + 1));
}

int main(void)
{
	char line[64];

	while (ask(line, sizeof line))
		reply(line);
	return 0;
}
