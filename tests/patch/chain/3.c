#include "serve.h"

static int weigh(const char *s)
{
	int sum = 0;

	for (const char *p = s; *p; p++)
		sum += *p == 'a' ? 1 : *p == 'b' ? 20 : *p == 'c' ? 300 : 4000;
	for (const char *p = s; *p; p++)
		sum ^= *p == 'x' ? 5 : 0;
	return 2 * sum;
}

static int extra = 7;
static int count = 50; /* another one than version 1's, which was given up */

static void reply(const char *line)
{
	extra++;
	count++;
	answer("three %d %d %d %d", extra, count, weigh(line), weigh(line + 1));
}

int main(void)
{
	char line[64];

	while (ask(line, sizeof line))
		reply(line);
	return 0;
}
