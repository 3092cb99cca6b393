#include "serve.h"

/* Between main and a function of another file there is one more in the new version. */
int step(char *line, int size, int *count);

struct session {
	int *count;
	int tries;
};

static int session(struct session *s, char *line, int size)
{
	int got = step(line, size, s->count);

	s->tries++;
	return got;
}

int main(void)
{
	char line[64];
	int count = 0;
	struct session s = {&count, 0};

	while (session(&s, line, sizeof line))
		answer("new %s %d", line, *s.count);
	return 0;
}
