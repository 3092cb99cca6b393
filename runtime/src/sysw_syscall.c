/*
 * sysw_syscall.c - system calls that programs make by number.
 *
 * Not cancellation points, as syscall() is none. What waits for a length of time goes on with what is
 * left of it; all others are issued again as they are.
 */
#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "family.h"
#include "sysno.h"
#include "sysw.h"

extern DSU_EXPORT __typeof__(syscall) dsu_sys_syscall;

#define GETEVENTS 1 /* IORING_ENTER_GETEVENTS */

/* The argument that is a length of time; -1: none is. */
static int length_at(long nr, const long a[6])
{
	switch (nr) {
	case SYS_futex:
		return (a[1] & FUTEX_CMD_MASK) == FUTEX_WAIT ? 3 : -1;
	case SYS_ppoll:
	case SYS_rt_sigtimedwait:
		return 2;
	case SYS_semtimedop:
	case SYS_epoll_pwait2:
		return 3;
	case SYS_pselect6:
		return 4;
	}
	return -1;
}

/* Those that libc has under the same name with the same arguments, in units of its own. */
static int by_name(long nr, const long a[6], long *r)
{
	extern int dsu_sys_poll(void *fds, unsigned long n, int ms);
	extern int dsu_sys_epoll_wait(int fd, void *ev, int n, int ms);
	extern int dsu_sys_select(int n, void *in, void *out, void *ex, void *timeout);
	extern int dsu_sys_nanosleep(const void *len, void *rest);

	switch (nr) {
	case SYS_poll:
		*r = dsu_sys_poll((void *)a[0], (unsigned long)a[1], (int)a[2]);
		return 1;
	case SYS_epoll_wait:
		*r = dsu_sys_epoll_wait((int)a[0], (void *)a[1], (int)a[2], (int)a[3]);
		return 1;
	case SYS_select:
		*r = dsu_sys_select(
			(int)a[0], (void *)a[1], (void *)a[2], (void *)a[3], (void *)a[4]);
		return 1;
	case SYS_nanosleep:
		*r = dsu_sys_nanosleep((void *)a[0], (void *)a[1]);
		return 1;
	}
	return 0;
}

/*
 * io_uring_enter() hands in, and waits; interrupted in the wait it says how many it has handed in,
 * as if it had waited. Then it is entered again only to wait, for what was asked for.
 */
static long enter_ring(const long a[6])
{
	struct dsu_unfinished *u = &dsu_thread.unfinished;
	long in = u->suspended && u->nr == SYS_io_uring_enter ? (long)u->done : 0, r, seen;

	u->suspended = 0;
	for (;;) {
		u->nr = SYS_io_uring_enter;
		u->done = (size_t)in;
		seen = dsu_interrupts;
		r = dsu_issue_as(
			0, SYS_io_uring_enter, a[0], in ? 0 : a[1], a[2], a[3], a[4], a[5]);
		if (dsu_unrolling)
			return r;
		if (r == -DSU_INTERRUPTED)
			continue;
		if (in || r <= 0 || r != a[1] || !(a[3] & GETEVENTS) || dsu_interrupts == seen)
			break;
		in = r;
	}
	u->nr = 0;
	return in ? in : r;
}

static long issue(long nr, const long a[6])
{
	int at = length_at(nr, a);
	long r;

	if (nr == SYS_io_uring_enter)
		return enter_ring(a);
	if (at >= 0)
		return dsu_timed(0, nr, a, at);
	do
		r = dsu_issue_as(0, nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	while (r == -DSU_INTERRUPTED);
	return r;
}

/* Those that return on another stack, or twice, or not at all. */
static int is_special(long nr)
{
	return nr == SYS_clone || nr == SYS_clone3 || nr == SYS_vfork || nr == SYS_rt_sigreturn ||
	       nr == SYS_exit || nr == SYS_exit_group || nr == SYS_execve || nr == SYS_execveat;
}

long dsu_sys_syscall(long nr, ...)
{
	long a[6], r;
	va_list ap;

	va_start(ap, nr);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (dsu_forks(nr, a[0]))
		return dsu_fork_by(nr, a);
	if (dsu_off || is_special(nr))
		return syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	return by_name(nr, a, &r) ? r : dsu_result(issue(nr, a));
}
