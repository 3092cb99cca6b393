#include "serve.h"

/* Two loops, one in the other, become one. */
int main(void)
{
	char line[64];
	long cell = 0;

	while (ask(line, sizeof line)) {
		answer("new %s %ld.%ld", line, cell / 3, cell % 3);
		cell++;
	}
	return 0;
}
