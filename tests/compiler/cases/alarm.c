/* An interval timer interrupts a long computation with update points; nothing is lost. */
/* dsu: updates */
#include <signal.h>
#include <sys/time.h>

#include "case.h"

static volatile sig_atomic_t ticks;

static void tick(int sig)
{
	ticks = ticks + (sig != 0);
}

int main(void)
{
	struct itimerval it = { { 0, 500 }, { 0, 500 } }, off = { { 0, 0 }, { 0, 0 } };
	unsigned long h = 5381;

	signal(SIGALRM, tick);
	setitimer(ITIMER_REAL, &it, NULL);
	for (int i = 0; i < 2000; i++)
		for (int j = 0; j < 50; j++)
			h = h * 33 + (j ? (unsigned long)j : (unsigned long)hop(i));
	setitimer(ITIMER_REAL, &off, NULL);
	printf("%lx\n", h);
	return 0;
}
