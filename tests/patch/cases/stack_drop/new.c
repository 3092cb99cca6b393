#include "serve.h"

/* A function between two others is gone; what it kept on the stack is pointed to from elsewhere. */
struct counts {
	int lines, bytes;
};

static struct counts *now;

static void count(const char *line)
{
	now->lines++;
	now->bytes += (int)strlen(line);
}

static int step(char *line, int size)
{
	int got = ask(line, size);

	if (got)
		count(line);
	return got;
}

int main(void)
{
	struct counts all;
	char text[32];
	int sessions = 0, most = 3;

	for (;;) {
		all = (struct counts){0, 0};
		now = &all;
		while (all.lines < most && step(text, sizeof text))
			answer("new %s %d %d", text, now->lines, all.bytes);
		if (all.lines < most)
			return 0;
		sessions++;
		answer("new sessions %d", sessions);
	}
}
