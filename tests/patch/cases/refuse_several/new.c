#include "serve.h"

enum mode { ONE, NEITHER, TWO, THREE };
enum { LIMIT = 32 };

static int counter = 6;
static char buffer[LIMIT];
static long width;
static enum mode mode;

int weigh(long x)
{
	static int used = 2;

	return x + used++;
}

static int (*volatile hook)(long) = weigh;

int main(void)
{
	while (ask(buffer, sizeof buffer))
		answer("%d %d %d %d", counter++, (int)width++, hook(counter), mode == TWO);
	return 0;
}
