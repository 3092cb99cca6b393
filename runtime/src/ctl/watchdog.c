/*
 * watchdog.c - a dsuctl that stands still must not keep a program standing.
 *
 * A child that holds none of our descriptors kills us when we are long past the deadline; the
 * program then goes on as after any death of dsuctl. It dies with us.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "round.h"

static void watch(pid_t parent, const double *until)
{
	struct timespec tick = {0, 50000000};
	double end;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close_range(0, ~0U, 0);
	while (getppid() == parent) {
		__atomic_load(until, &end, __ATOMIC_SEQ_CST);
		if (end > 0 && now_us() > end)
			kill(parent, SIGKILL);
		nanosleep(&tick, NULL);
	}
	_exit(0);
}

/* Without it an update is still possible, and still ends well if dsuctl dies. */
void watchdog_start(struct round *r)
{
	pid_t self = getpid();

	r->until = mmap(
		NULL, sizeof *r->until, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (r->until == MAP_FAILED) {
		r->until = NULL;
		return;
	}
	r->watchdog = fork();
	if (r->watchdog == 0)
		watch(self, r->until);
}

/* From now on; 0: it sleeps. */
void watchdog_set(struct round *r, double us)
{
	double end = us > 0 ? now_us() + us : 0;

	if (r->until)
		__atomic_store(r->until, &end, __ATOMIC_SEQ_CST);
}

void watchdog_stop(struct round *r)
{
	if (r->watchdog > 0) {
		kill(r->watchdog, SIGKILL);
		waitpid(r->watchdog, NULL, 0);
	}
	if (r->until)
		munmap(r->until, sizeof *r->until);
}
