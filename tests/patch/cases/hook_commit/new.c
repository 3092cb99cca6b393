#include "serve.h"

/* Waiting texts, each with a comma behind it. */
static char queue[64];
static int used;

static void put(const char *text)
{
	strcpy(queue + used, text);
	strcat(queue + used, ",");
	used += (int)strlen(text) + 1;
}

int main(void)
{
	char line[8];

	while (ask(line, sizeof line)) {
		put(line);
		answer("new %s", queue);
	}
	return 0;
}
