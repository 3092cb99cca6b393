#include "serve.h"

/* The call that waits itself is on the other side of a new function: it goes on with what it had. */
int main(void)
{
	char line[64];
	long n, all = 0;

	for (;;) {
		n = read(0, line, sizeof line);
		if (n <= 0)
			return 0;
		all += n;
		answer("old %.*s %ld", (int)n - 1, line, all);
	}
}
