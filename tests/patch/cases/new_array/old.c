#include "serve.h"

/* New variables with an address, in a block that nobody is in while they wait. */
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
