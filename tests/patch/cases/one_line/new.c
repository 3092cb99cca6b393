/* Several declarations stand on one line. */
#include "serve.h"

static int a = 1; static int *b = &a; struct pair { int x; long y; }; static struct pair c = {2, 3}; static int d(void) { return 5; }

int main(void)
{
	char line[16];

	while (ask(line, sizeof line))
		answer("new %ld", (*b)++ + c.x + c.y + d());
	return 0;
}
