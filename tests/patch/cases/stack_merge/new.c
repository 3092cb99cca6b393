#include "serve.h"

/* The other way round: a function that waits is gone, its frame is part of the one above. */
int main(void)
{
	char line[64];
	int count = 0;
	long sum = 7;

	while (ask(line, sizeof line)) {
		count++;
		sum += line[0];
		answer("new %s %d %ld", line, count, sum);
	}
	answer("new end %d", count);
	return 0;
}
