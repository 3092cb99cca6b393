#include "waits.h"

#include <string.h>
#include <unistd.h>

/* As libssl does: a buffer of its own, state in registers of the caller's over the call. */
static long deeper(char *to, long size, int depth, int (*each)(int))
{
	char own[300];
	long n = 0;

	if (depth) {
		memset(own, depth, sizeof own);
		n = deeper(to, size, depth - 1, each);
		for (unsigned i = 0; i < sizeof own; i++)
			if (own[i] != (char)depth)
				return -1000;
		return n;
	}
	while (n < size - 1) {
		if (read(0, to + n, 1) != 1)
			return -1;
		if (to[n] == '\n')
			break;
		if (each)
			to[n] = (char)each(to[n]);
		n++;
	}
	to[n] = 0;
	/* Much more of the stack than it had used when it began to wait. */
	{
		volatile char large[8000];

		for (unsigned i = 0; i < sizeof large; i += 100)
			large[i] = (char)i;
	}
	return n;
}

long waits_line(char *to, long size, double scale, int (*each)(int))
{
	return (long)((double)deeper(to, size, 9, each) * scale);
}
