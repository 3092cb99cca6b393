/* fork.c - forked processes join the family, however they were forked. */
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include "family.h"
#include "sysno.h"
#include "timers.h"

extern DSU_EXPORT __typeof__(fork) dsu_sys_fork;

static DSU_TLS int claimed = -1;

static void prepare(void)
{
	claimed = dsu_slot_claim(-1);
}

static void parent(void)
{
}

/* A request that the parent saw is not this process's; dsuctl will ask it by itself. */
static void child(void)
{
	dsu_threads_forked(&dsu_thread);
	dsu_chunks_forked();
	dsu_conds_forked(&dsu_thread);
	dsu_timers_forked();
	dsu_slot_take(&dsu_thread, claimed);
	claimed = -1;
	/* What it said of other threads, too. */
	dsu_request = (dsu_request & DSU_SELFTEST) | (dsu_thread.interrupted ? DSU_EINTR : 0);
	if (dsu_asked())
		dsu_request_set(DSU_ASKED);
}

static void failed(void)
{
	dsu_slot_leave(claimed);
	claimed = -1;
}

/* Covers fork() in libraries, daemon(), forkpty(). */
void dsu_fork_init(void)
{
	pthread_atfork(prepare, parent, child);
}

pid_t dsu_sys_fork(void)
{
	pid_t pid = fork();

	if (pid < 0 && dsu_block)
		failed();
	return pid;
}

/* clone() without CLONE_VM is a fork that libc does not see. */
int dsu_forks(long nr, long flags)
{
	return dsu_block && (nr == SYS_fork || (nr == SYS_clone && !(flags & CLONE_VM)));
}

long dsu_fork_by(long nr, const long a[6])
{
	long r;

	prepare();
	r = syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	if (r == 0)
		child();
	else if (r < 0)
		failed();
	return r;
}
