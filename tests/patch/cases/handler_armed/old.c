#include <setjmp.h>
#include <signal.h>
#include "serve.h"

struct turn {
	int number;
	struct turn *before;
};

static sigjmp_buf way_out;
static struct turn *turns;

static void take(void)
{
	struct turn *t = calloc(1, sizeof *t);

	t->number = turns ? turns->number + 1 : 1;
	t->before = turns;
	turns = t;
}

/* Never returns, but jumps to what does: what the handler has interrupted goes on some day. */
__attribute__((noinline)) static void serve(int here)
{
	char line[16];

	while (ask(line, sizeof line)) {
		take();
		answer("old %s %d %d", line, turns->number, ++here);
	}
	siglongjmp(way_out, 1);
}

__attribute__((noinline)) static void handler(int sig)
{
	if (!sigsetjmp(way_out, 1))
		serve(10 * sig / sig);
	answer("old handler");
}

int main(void)
{
	signal(SIGUSR1, handler);
	raise(SIGUSR1);
	answer("old main %d", turns->number);
	return 0;
}
