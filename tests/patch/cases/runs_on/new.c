#include <poll.h>

#include "serve.h"

/* The blocking call itself is another one: who waits in it finishes it in the old version. */
int main(void)
{
	char line[64];
	long n;

	for (;;) {
		struct pollfd p = { 0, POLLIN, 0 };

		poll(&p, 1, -1);
		n = read(0, line, sizeof line - 1);
		if (n <= 0)
			return 0;
		line[n - 1] = 0;
		answer("new %s", line);
	}
}
