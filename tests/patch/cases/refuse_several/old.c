#include "serve.h"

enum mode { ONE, TWO, THREE };
enum { LIMIT = 16 };

static int counter = 5;
static char buffer[LIMIT];
static short width;
static enum mode mode;

int weigh(int x)
{
	static int used = 1;

	return x + used++;
}

static int (*volatile hook)(int) = weigh;

int main(void)
{
	while (ask(buffer, sizeof buffer))
		answer("%d %d %d %d", counter++, width++, hook(counter), mode == TWO);
	return 0;
}
