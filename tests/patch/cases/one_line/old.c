/* Several declarations stand on one line. */
#include "serve.h"

static int a = 1; static int *b = &a; struct pair { int x, y; }; static struct pair c = {2, 3}; static int d(void) { return 4; }

int main(void)
{
	char line[16];

	while (ask(line, sizeof line))
		answer("old %d", (*b)++ + c.x + c.y + d());
	return 0;
}
