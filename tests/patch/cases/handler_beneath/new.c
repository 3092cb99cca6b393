#include <setjmp.h>
#include <signal.h>
#include "serve.h"

static int turns;

/* While it runs, what it has interrupted stays as it is. */
__attribute__((noinline)) static void serve(int sig)
{
	char line[16];
	int here = 10 * sig / sig;

	while (ask(line, sizeof line))
		answer("old %s %d %d", line, ++turns, ++here);
	turns = 0;
}

int main(void)
{
	signal(SIGUSR1, serve);
	raise(SIGUSR1);
	answer("new main %d", turns);
	return 0;
}
