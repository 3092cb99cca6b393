#include "serve.h"

static int weigh(const char *s)
{
	int sum = 0;

	for (const char *p = s; *p; p++)
		sum += *p == 'a' ? 1 : *p == 'b' ? 20 : *p == 'c' ? 300 : 4000;
	for (const char *p = s; *p; p++)
		sum ^= *p == 'x' ? 5 : 0;
	return 3 * sum;
}

static int extra = 7;
static int count = 50;

/* A new frame on the stack, and a pointer to a function of an earlier patch. */
static int (*chosen)(const char *) = weigh;

static void reply(const char *line)
{
	extra++;
	count++;
	answer("four %d %d %d", extra, count, chosen(line));
}

static int loop(void)
{
	char line[64];

	while (ask(line, sizeof line))
		reply(line);
	return 0;
}

int main(void)
{
	char line[64];

	while (ask(line, sizeof line)) {
		reply(line);
		if (line[0] == 'q')
			return loop();
	}
	return 0;
}
