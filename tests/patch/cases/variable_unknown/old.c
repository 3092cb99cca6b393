/* A function's variable leads to bytes that look like what changes, and does not say so. */
#include "serve.h"

struct session {
	int number;
	char text[28];
};

static struct session *first;

static void *known(void)
{
	return first;
}

int main(void)
{
	void *buffer = strcpy(calloc(1, sizeof *first), "buffer");
	char line[16];

	first = calloc(1, sizeof *first);
	while (ask(line, sizeof line)) {
		struct session *s = known();

		strcpy(s->text, line);
		answer("old %s %d %s", (char *)buffer, s->number++, s->text);
	}
	return 0;
}
