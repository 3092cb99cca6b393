#include "serve.h"

static int twice(char *line, int size)
{
	return ask(line, size) && ask(line, size);
}

static int plain(int a)
{
	return 2 * a;
}

int main(void)
{
	char line[64];
	int count = 0;
	double share = 0;

	while (twice(line, sizeof line)) {
		count++;
		share += 0.5;
		answer("old %s %d %g", line, plain(count), share);
	}
	return 0;
}
