#include "serve.h"

/* The loop of main becomes a function of its own, which knows main's buffer by its address. */
static int serve(char *text, int size, int begins)
{
	int count = begins;
	long sum = 7;

	while (ask(text, size)) {
		count++;
		sum += text[0];
		answer("new %s %d %ld", text, count, sum);
	}
	return count;
}

int main(void)
{
	char line[64];
	int count;

	count = serve(line, sizeof line, 0);
	answer("new end %d", count);
	return 0;
}
