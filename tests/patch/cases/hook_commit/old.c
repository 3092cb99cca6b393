#include "serve.h"

/* Waiting texts, each behind a digit that is its length. */
static char queue[64];
static int used;

static void put(const char *text)
{
	queue[used++] = (char)('0' + strlen(text));
	strcpy(queue + used, text);
	used += (int)strlen(text);
}

int main(void)
{
	char line[8];

	while (ask(line, sizeof line)) {
		put(line);
		answer("old %s", queue);
	}
	return 0;
}
