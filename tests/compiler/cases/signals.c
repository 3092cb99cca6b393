/* A signal handler with an update point in it interrupts code between and inside calls. */
/* dsu: updates */
#include <signal.h>

#include "case.h"

static volatile sig_atomic_t seen;

static void handler(int sig)
{
	seen = seen + (sig == SIGUSR1 ? step(1) : step(100));
}

int main(void)
{
	struct sigaction sa = { .sa_handler = handler };
	int s = 0;

	sigemptyset(&sa.sa_mask);
	sigaction(SIGUSR1, &sa, NULL);
	signal(SIGUSR2, handler);
	for (int i = 0; i < 5; i++) {
		s += hop(i);
		raise(i % 2 ? SIGUSR1 : SIGUSR2);
		s += hop(seen);
	}
	printf("%d %d\n", (int)seen, s);
	return 0;
}
