#include <setjmp.h>
#include <signal.h>
#include "serve.h"

static sigjmp_buf out;
static int turns, depth;

/* Jumps out of every second call, from further and further down. */
__attribute__((noinline)) static void handler(int sig)
{
	char line[16], room[512];

	memset(room, sig, sizeof room);
	if (!ask(line, sizeof line))
		exit(0);
	answer("new handler %s %d %d", line, ++turns, room[turns]);
	if (turns % 2)
		siglongjmp(out, 1);
}

static void deeper(int n)
{
	char room[256];

	memset(room, n, sizeof room);
	if (n > 0)
		deeper(n - 1);
	else
		raise(SIGUSR1);
	depth += room[n];
}

int main(void)
{
	char line[16];

	signal(SIGUSR1, handler);
	for (volatile int i = 0;; i++) {
		if (!sigsetjmp(out, 1))
			deeper(i % 3);
		if (!ask(line, sizeof line))
			return 0;
		answer("old main %s %d", line, depth);
	}
}
