/* sysw_wait.c - waiting for children, signals and System V objects. */
#include <mqueue.h>
#include <signal.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "family.h"
#include "sysno.h"
#include "sysw.h"

extern DSU_EXPORT __typeof__(wait) dsu_sys_wait;
extern DSU_EXPORT __typeof__(waitpid) dsu_sys_waitpid;
extern DSU_EXPORT __typeof__(wait3) dsu_sys_wait3;
extern DSU_EXPORT __typeof__(wait4) dsu_sys_wait4;
extern DSU_EXPORT __typeof__(waitid) dsu_sys_waitid;
extern DSU_EXPORT __typeof__(pause) dsu_sys_pause;
extern DSU_EXPORT __typeof__(sigsuspend) dsu_sys_sigsuspend;
extern DSU_EXPORT __typeof__(semop) dsu_sys_semop;
extern DSU_EXPORT __typeof__(mq_send) dsu_sys_mq_send;
extern DSU_EXPORT __typeof__(mq_timedsend) dsu_sys_mq_timedsend;
extern DSU_EXPORT __typeof__(mq_receive) dsu_sys_mq_receive;
extern DSU_EXPORT __typeof__(mq_timedreceive) dsu_sys_mq_timedreceive;
extern DSU_EXPORT __typeof__(msgrcv) dsu_sys_msgrcv;
extern DSU_EXPORT __typeof__(msgsnd) dsu_sys_msgsnd;

/* Whoever reaps a process may be the only one to learn how it ended: `dsuctl apply --trial` asks. */
static void ended(pid_t pid, int by)
{
	struct dsu_block *b = dsu_block;

	if (pid <= 0 || !b || !dsu_is_crash(by))
		return;
	for (int i = 0; i < DSU_SLOTS; i++)
		if (dsu_process_of(b, i) == i && b->slots[i].pid == pid &&
			DSU_KIND(DSU_LOAD(&b->states[i])) != DSU_FREE) {
			b->crashed = pid;
			b->crashed_by = by;
			__atomic_add_fetch(&b->crashes, 1, __ATOMIC_SEQ_CST);
			return;
		}
}

pid_t dsu_sys_wait4(pid_t pid, int *status, int options, struct rusage *ru)
{
	int is = 0;
	pid_t r = (pid_t)dsu_call(
		SYS_wait4, pid, (long)(status ? status : &is), options, (long)ru, 0, 0);

	if (r > 0) {
		is = status ? *status : is;
		ended(r, WIFSIGNALED(is) ? WTERMSIG(is) : 0);
	}
	return r;
}

pid_t dsu_sys_wait(int *status)
{
	return dsu_sys_wait4(-1, status, 0, NULL);
}

pid_t dsu_sys_waitpid(pid_t pid, int *status, int options)
{
	return dsu_sys_wait4(pid, status, options, NULL);
}

pid_t dsu_sys_wait3(int *status, int options, struct rusage *ru)
{
	return dsu_sys_wait4(-1, status, options, ru);
}

int dsu_sys_waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
	siginfo_t is = {0}, *to = info ? info : &is;
	int r = (int)dsu_call(SYS_waitid, type, (long)id, (long)to, options, 0, 0);

	if (r == 0 && to->si_signo == SIGCHLD &&
		(to->si_code == CLD_KILLED || to->si_code == CLD_DUMPED))
		ended(to->si_pid, to->si_status);
	return r;
}

int dsu_sys_pause(void)
{
#ifdef DSU_NO_PAUSE
	return (int)dsu_call(SYS_ppoll, 0, 0, 0, 0, 0, 0);
#else
	return (int)dsu_call(SYS_pause, 0, 0, 0, 0, 0, 0);
#endif
}

int dsu_sys_sigsuspend(const sigset_t *mask)
{
	sigset_t ours = *mask;

	sigdelset(&ours, DSU_SIGNAL);
	return (int)dsu_call(SYS_rt_sigsuspend, (long)&ours, NSIG / 8, 0, 0, 0, 0);
}

int dsu_sys_semop(int id, struct sembuf *ops, size_t n)
{
	return (int)dsu_call(SYS_semtimedop, id, (long)ops, (long)n, 0, 0, 0);
}

ssize_t dsu_sys_msgrcv(int id, void *m, size_t n, long type, int flags)
{
	return dsu_call(SYS_msgrcv, id, (long)m, (long)n, type, flags, 0);
}

int dsu_sys_msgsnd(int id, const void *m, size_t n, int flags)
{
	return (int)dsu_call(SYS_msgsnd, id, (long)m, (long)n, flags, 0, 0);
}

/* ---- POSIX message queues: their time-outs are moments ---- */

int dsu_sys_mq_timedsend(
	mqd_t q, const char *m, size_t n, unsigned priority, const struct timespec *abs)
{
	return (int)dsu_call(SYS_mq_timedsend, q, (long)m, (long)n, (long)priority, (long)abs, 0);
}

int dsu_sys_mq_send(mqd_t q, const char *m, size_t n, unsigned priority)
{
	return (int)dsu_call(SYS_mq_timedsend, q, (long)m, (long)n, (long)priority, 0, 0);
}

ssize_t dsu_sys_mq_timedreceive(mqd_t q, char *restrict m, size_t n, unsigned *restrict priority,
	const struct timespec *restrict abs)
{
	return dsu_call(SYS_mq_timedreceive, q, (long)m, (long)n, (long)priority, (long)abs, 0);
}

ssize_t dsu_sys_mq_receive(mqd_t q, char *m, size_t n, unsigned *priority)
{
	return dsu_call(SYS_mq_timedreceive, q, (long)m, (long)n, (long)priority, 0, 0);
}
