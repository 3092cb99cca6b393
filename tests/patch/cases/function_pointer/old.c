#include "serve.h"

/* The address of a function outlives its body. */
static int (*chosen)(int);

int shift(int x)
{
	return x + 1;
}

__attribute__((noinline)) static int apply(int x)
{
	return chosen(x);
}

int main(void)
{
	char line[64];

	chosen = shift;
	while (ask(line, sizeof line))
		answer("%d %d", apply(atoi(line)), chosen == shift);
	return 0;
}
