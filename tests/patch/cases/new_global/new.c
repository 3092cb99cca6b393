#include "serve.h"

static int seen;
static int since = 100;
char last[64] = "nothing";

static void reply(const char *line)
{
	seen++;
	since++;
	answer("new %d %d %s after %s", seen, since, line, last);
	strcpy(last, line);
}

int main(void)
{
	char line[64];

	while (ask(line, sizeof line))
		reply(line);
	return 0;
}
