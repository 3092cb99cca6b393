#include "serve.h"

/* The other way round: a function that waits is gone, its frame is part of the one above. */
static int serve(char *text, int size, int begins)
{
	int count = begins;
	long sum = 7;

	while (ask(text, size)) {
		count++;
		sum += text[0];
		answer("old %s %d %ld", text, count, sum);
	}
	return count;
}

int main(void)
{
	char line[64];
	int count;

	count = serve(line, sizeof line, 0);
	answer("old end %d", count);
	return 0;
}
