/*
 * sysw_time.c - blocking calls that end by time.
 *
 * Each knows the moment at which it ends, so that one issued again waits for what is left. The
 * moment outlives the frame in the thread while the call is being interrupted by an update. Time
 * is read from the vdso: a sandbox need not allow more system calls than the call's own.
 */
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "family.h"
#include "sysno.h"
#include "sysw.h"

#define SECOND 1000000000LL

extern DSU_EXPORT __typeof__(select) dsu_sys_select;
extern DSU_EXPORT __typeof__(pselect) dsu_sys_pselect;
extern DSU_EXPORT __typeof__(poll) dsu_sys_poll;
extern DSU_EXPORT __typeof__(ppoll) dsu_sys_ppoll;
extern DSU_EXPORT __typeof__(epoll_wait) dsu_sys_epoll_wait;
extern DSU_EXPORT __typeof__(epoll_pwait) dsu_sys_epoll_pwait;
extern DSU_EXPORT __typeof__(epoll_pwait2) dsu_sys_epoll_pwait2;
extern DSU_EXPORT __typeof__(semtimedop) dsu_sys_semtimedop;
extern DSU_EXPORT __typeof__(sigtimedwait) dsu_sys_sigtimedwait;
extern DSU_EXPORT __typeof__(sigwaitinfo) dsu_sys_sigwaitinfo;
extern DSU_EXPORT __typeof__(sigwait) dsu_sys_sigwait;
extern DSU_EXPORT __typeof__(sleep) dsu_sys_sleep;
extern DSU_EXPORT __typeof__(usleep) dsu_sys_usleep;
extern DSU_EXPORT __typeof__(nanosleep) dsu_sys_nanosleep;
extern DSU_EXPORT __typeof__(clock_nanosleep) dsu_sys_clock_nanosleep;

long long dsu_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * SECOND + ts.tv_nsec;
}

/* Nanoseconds of a time-out; -1: for ever, -2: none of our business (the kernel says EINVAL). */
static long long length(const struct timespec *ts)
{
	if (!ts)
		return -1;
	if (ts->tv_sec < 0 || ts->tv_nsec < 0 || ts->tv_nsec >= SECOND)
		return -2;
	return ts->tv_sec > 1LL << 32 ? -1 : ts->tv_sec * SECOND + ts->tv_nsec;
}

/* When a call ends: taken over from before an update, or reckoned from its length. 0: never. */
static long long ends(long nr, long long len)
{
	struct dsu_unfinished *u = &dsu_thread.unfinished;
	int taken = u->suspended && u->nr == nr && u->until;
	long long until = taken ? u->until : len > 0 ? dsu_now() + len : 0;

	u->suspended = 0;
	u->nr = nr;
	u->until = until;
	return until;
}

static void ended(void)
{
	if (!dsu_unrolling)
		dsu_thread.unfinished.nr = 0;
}

static struct timespec left(long long until)
{
	long long n = until - dsu_now();

	if (n < 0)
		n = 0;
	return (struct timespec){n / SECOND, n % SECOND};
}

/* ---- poll, epoll_wait: milliseconds ---- */

static int milliseconds(long long until, int timeout)
{
	long long n;

	if (!until)
		return timeout;
	n = (until - dsu_now() + 999999) / 1000000;
	return n < 0 ? 0 : n > timeout ? timeout : (int)n;
}

#ifdef DSU_NO_POLL
int dsu_sys_poll(struct pollfd *fds, nfds_t n, int timeout)
{
	struct timespec ts = {timeout / 1000, timeout % 1000 * 1000000L};

	return dsu_sys_ppoll(fds, n, timeout < 0 ? NULL : &ts, NULL);
}
#else
int dsu_sys_poll(struct pollfd *fds, nfds_t n, int timeout)
{
	long long until = ends(SYS_poll, timeout > 0 ? timeout * 1000000LL : -1);
	int ms = timeout;
	long r;

	if (dsu_thread.reissued)
		ms = milliseconds(until, timeout);
	while ((r = dsu_issue(SYS_poll, (long)fds, (long)n, ms, 0, 0, 0)) == -DSU_INTERRUPTED)
		ms = milliseconds(until, timeout);
	ended();
	return (int)dsu_result(r);
}
#endif

#ifdef DSU_NO_EPOLL_WAIT
# define WAIT_EVENTS SYS_epoll_pwait
#else
# define WAIT_EVENTS SYS_epoll_wait
#endif

static int wait_events(int fd, struct epoll_event *ev, int n, int timeout, const sigset_t *mask)
{
	long nr = mask ? SYS_epoll_pwait : WAIT_EVENTS, r;
	long long until = ends(nr, timeout > 0 ? timeout * 1000000LL : -1);
	int ms = timeout;

	if (dsu_thread.reissued)
		ms = milliseconds(until, timeout);
	while ((r = dsu_issue(nr, fd, (long)ev, n, ms, (long)mask, NSIG / 8)) == -DSU_INTERRUPTED)
		ms = milliseconds(until, timeout);
	ended();
	return (int)dsu_result(r);
}

int dsu_sys_epoll_wait(int fd, struct epoll_event *ev, int n, int timeout)
{
	return wait_events(fd, ev, n, timeout, NULL);
}

int dsu_sys_epoll_pwait(int fd, struct epoll_event *ev, int n, int timeout, const sigset_t *mask)
{
	sigset_t ours;

	if (!mask)
		return wait_events(fd, ev, n, timeout, NULL);
	ours = *mask;
	sigdelset(&ours, DSU_SIGNAL);
	return wait_events(fd, ev, n, timeout, &ours);
}

/* ---- ppoll, pselect, select: the kernel takes a timespec, and may write to it ---- */

int dsu_sys_ppoll(
	struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *mask)
{
	long long len = length(timeout), until = ends(SYS_ppoll, len);
	struct timespec ts;
	sigset_t ours;
	long r;

	if (mask) {
		ours = *mask;
		sigdelset(&ours, DSU_SIGNAL);
	}
	do {
		if (timeout)
			ts = until ? left(until) : *timeout;
		r = dsu_issue(SYS_ppoll, (long)fds, (long)n, timeout ? (long)&ts : 0,
			mask ? (long)&ours : 0, NSIG / 8, 0);
	} while (r == -DSU_INTERRUPTED);
	ended();
	return (int)dsu_result(r);
}

/* Descriptor sets are as before in a call that was interrupted. `rest`: what the kernel left. */
static int select_until(int n, fd_set *in, fd_set *out, fd_set *ex, const struct timespec *timeout,
	const sigset_t *mask, struct timespec *rest)
{
	struct {
		const sigset_t *set;
		size_t size;
	} sixth = {mask, NSIG / 8};
	long long len = length(timeout), until = ends(SYS_pselect6, len);
	long r;

	do {
		if (timeout)
			*rest = until ? left(until) : *timeout;
		r = dsu_issue(SYS_pselect6, n, (long)in, (long)out, (long)ex,
			timeout ? (long)rest : 0, (long)&sixth);
	} while (r == -DSU_INTERRUPTED);
	ended();
	return (int)dsu_result(r);
}

int dsu_sys_pselect(int n, fd_set *restrict in, fd_set *restrict out, fd_set *restrict ex,
	const struct timespec *restrict timeout, const sigset_t *restrict mask)
{
	struct timespec rest;
	sigset_t ours;

	if (mask) {
		ours = *mask;
		sigdelset(&ours, DSU_SIGNAL);
	}
	return select_until(n, in, out, ex, timeout, mask ? &ours : NULL, &rest);
}

int dsu_sys_select(int n, fd_set *restrict in, fd_set *restrict out, fd_set *restrict ex,
	struct timeval *restrict timeout)
{
	struct timespec ts, rest;
	int r;

	if (!timeout)
		return select_until(n, in, out, ex, NULL, NULL, &rest);
	if (timeout->tv_sec < 0 || timeout->tv_usec < 0) {
		errno = EINVAL;
		return -1;
	}
	ts.tv_sec = timeout->tv_sec + timeout->tv_usec / 1000000;
	ts.tv_nsec = timeout->tv_usec % 1000000 * 1000;
	r = select_until(n, in, out, ex, &ts, NULL, &rest);
	if (!dsu_unrolling) {
		timeout->tv_sec = rest.tv_sec;
		timeout->tv_usec = rest.tv_nsec / 1000;
	}
	return r;
}

/* ---- the same, in one word each ---- */

/* A call whose argument number `at` is a time-out; what the kernel says. `cancellable`: as libc's own calls. */
long dsu_timed(int cancellable, long nr, const long a[6], int at)
{
	const struct timespec *timeout = (const struct timespec *)a[at];
	long long until = ends(nr, length(timeout));
	struct timespec ts;
	long b[6], r;

	memcpy(b, a, sizeof b);
	do {
		if (timeout) {
			ts = until ? left(until) : *timeout;
			b[at] = (long)&ts;
		}
		r = dsu_issue_as(cancellable, nr, b[0], b[1], b[2], b[3], b[4], b[5]);
	} while (r == -DSU_INTERRUPTED);
	ended();
	/* libc hides from programs that the kernel tells these two what was left. */
	if (!cancellable && timeout && !dsu_unrolling && (nr == SYS_ppoll || nr == SYS_pselect6))
		*(struct timespec *)a[at] = ts;
	return r;
}

int dsu_sys_epoll_pwait2(
	int fd, struct epoll_event *ev, int n, const struct timespec *timeout, const sigset_t *mask)
{
	sigset_t ours;

	if (mask) {
		ours = *mask;
		sigdelset(&ours, DSU_SIGNAL);
	}
	return (int)dsu_result(dsu_timed(1, SYS_epoll_pwait2,
		(long[6]){fd, (long)ev, n, (long)timeout, mask ? (long)&ours : 0, NSIG / 8}, 3));
}

int dsu_sys_semtimedop(int id, struct sembuf *ops, size_t n, const struct timespec *timeout)
{
	return (int)dsu_result(
		dsu_timed(1, SYS_semtimedop, (long[6]){id, (long)ops, (long)n, (long)timeout}, 3));
}

/* Our own signal is none that a program waits for. */
static long await_signal(const sigset_t *set, siginfo_t *info, const struct timespec *timeout)
{
	sigset_t ours = *set;
	siginfo_t mine;
	long r;

	sigdelset(&ours, DSU_SIGNAL);
	r = dsu_timed(1, SYS_rt_sigtimedwait,
		(long[6]){(long)&ours, (long)&mine, (long)timeout, NSIG / 8}, 2);
	if (r > 0 && info) {
		*info = mine;
		if (mine.si_code == SI_TKILL) /* as libc says it */
			info->si_code = SI_USER;
	}
	return r;
}

int dsu_sys_sigtimedwait(const sigset_t *restrict set, siginfo_t *restrict info,
	const struct timespec *restrict timeout)
{
	return (int)dsu_result(await_signal(set, info, timeout));
}

int dsu_sys_sigwaitinfo(const sigset_t *restrict set, siginfo_t *restrict info)
{
	return (int)dsu_result(await_signal(set, info, NULL));
}

/* Does not say EINTR. */
int dsu_sys_sigwait(const sigset_t *restrict set, int *restrict sig)
{
	long r;

	do
		r = await_signal(set, NULL, NULL);
	while (r == -EINTR && !dsu_unrolling);
	if (r <= 0)
		return (int)-r;
	*sig = (int)r;
	return 0;
}

/* ---- sleeping ---- */

/* An error number, as clock_nanosleep() has it. */
static int sleep_for(clockid_t clock, const struct timespec *len, struct timespec *rest)
{
	long long until = ends(SYS_clock_nanosleep, length(len));
	struct timespec ts, scratch;
	long r;

	if (!rest)
		rest = &scratch;
	do {
		ts = until ? left(until) : *len;
		*rest = ts;
		r = dsu_issue(SYS_clock_nanosleep, clock, 0, (long)&ts, (long)rest, 0, 0);
	} while (r == -DSU_INTERRUPTED);
	ended();
	return (int)-r;
}

int dsu_sys_clock_nanosleep(
	clockid_t clock, int flags, const struct timespec *len, struct timespec *rest)
{
	long r;

	if (clock == CLOCK_THREAD_CPUTIME_ID)
		return EINVAL;
	/* Time that is not the wall's is none that passes in an update either: only a restart. */
	if (flags == 0 &&
		(clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC || clock == CLOCK_BOOTTIME))
		return sleep_for(clock, len, rest);
	do
		r = dsu_issue(SYS_clock_nanosleep, clock, flags, (long)len, (long)rest, 0, 0);
	while (r == -DSU_INTERRUPTED);
	return (int)-r;
}

int dsu_sys_nanosleep(const struct timespec *len, struct timespec *rest)
{
	int e = sleep_for(CLOCK_REALTIME, len, rest);

	if (!e)
		return 0;
	errno = e;
	return -1;
}

unsigned dsu_sys_sleep(unsigned seconds)
{
	struct timespec len = {seconds, 0}, rest = {0, 0};

	return sleep_for(CLOCK_REALTIME, &len, &rest) ? (unsigned)rest.tv_sec : 0;
}

int dsu_sys_usleep(useconds_t us)
{
	struct timespec len = {us / 1000000, us % 1000000 * 1000};

	return dsu_sys_nanosleep(&len, NULL);
}
