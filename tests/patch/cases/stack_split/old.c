#include "serve.h"

/* The loop of main becomes a function of its own, which knows main's buffer by its address. */
int main(void)
{
	char line[64];
	int count = 0;
	long sum = 7;

	while (ask(line, sizeof line)) {
		count++;
		sum += line[0];
		answer("old %s %d %ld", line, count, sum);
	}
	answer("old end %d", count);
	return 0;
}
