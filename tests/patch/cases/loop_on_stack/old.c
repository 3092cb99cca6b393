#include "serve.h"

/* The loop that runs for ever is what changes; its locals live on. */
int main(void)
{
	char line[64];
	int count = 0;

	while (ask(line, sizeof line)) {
		count++;
		answer("old %d %s", count, line);
	}
	return 0;
}
