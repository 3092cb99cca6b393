#include "serve.h"

/* The loop that runs for ever is what changes; its locals live on. */
int main(void)
{
	char line[64];
	int count = 0;

	while (ask(line, sizeof line)) {
		int doubled;

		count++;
		doubled = 2 * count;
		answer("new %d %d %s", count, doubled, line);
	}
	return 0;
}
