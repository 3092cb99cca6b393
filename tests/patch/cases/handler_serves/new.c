#include <setjmp.h>
#include <signal.h>
#include "serve.h"

static int turns;

/* Never returns: PostgreSQL up to 15 forks some of its processes in a handler. */
__attribute__((noinline)) static void serve(int sig)
{
	char line[16];
	int here = 10 * sig / sig;

	while (ask(line, sizeof line))
		answer("new %s %d %d", line, ++turns, ++here);
	exit(0);
}

int main(void)
{
	signal(SIGUSR1, serve);
	raise(SIGUSR1);
	pause();
	return 1;
}
