#include "serve.h"

/* Two loops, one in the other, become one. */
int main(void)
{
	char line[64];

	for (int row = 0; row < 100; row++)
		for (short column = 0; column < 3; column++) {
			if (!ask(line, sizeof line))
				return 0;
			answer("old %s %d.%d", line, row, column);
		}
	return 1;
}
