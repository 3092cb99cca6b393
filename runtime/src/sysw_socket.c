/*
 * sysw_socket.c - time-outs that sockets have themselves (SO_RCVTIMEO, SO_SNDTIMEO).
 *
 * The kernel begins them anew with each call, so one that is issued again after our signal first waits
 * for no longer than what is left, by ppoll(). Nothing of this is done before the program has set such
 * a time-out, nor in a process that may be in a sandbox.
 */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "family.h"
#include "sysw.h"

#define SECOND 1000000000LL

extern DSU_EXPORT __typeof__(setsockopt) dsu_sys_setsockopt;

int dsu_sockets_timed;

int dsu_sys_setsockopt(int fd, int level, int name, const void *value, socklen_t size)
{
	int r = setsockopt(fd, level, name, value, size);

	if (!r && level == SOL_SOCKET && (name == SO_RCVTIMEO || name == SO_SNDTIMEO))
		dsu_sockets_timed = 1;
	return r;
}

/* Which of the two a call ends by; 0: none. */
static int option_of(long nr)
{
	switch (nr) {
	case SYS_read:
	case SYS_readv:
	case SYS_recvfrom:
	case SYS_recvmsg:
	case SYS_accept:
	case SYS_accept4:
		return SO_RCVTIMEO;
	case SYS_write:
	case SYS_writev:
	case SYS_sendto:
	case SYS_sendmsg:
	case SYS_connect:
		return SO_SNDTIMEO;
	}
	return 0;
}

/* What is left of a call's time, in nanoseconds; -1: it has no end. */
static long long left(int fd, int option, long long since)
{
	struct timeval tv = {0, 0};
	socklen_t size = sizeof tv;
	int kept = errno, failed = getsockopt(fd, SOL_SOCKET, option, &tv, &size);
	long long n;

	errno = kept;
	if (failed || (!tv.tv_sec && !tv.tv_usec))
		return -1;
	n = since + tv.tv_sec * SECOND + tv.tv_usec * 1000 - dsu_now();
	return n < 0 ? 0 : n;
}

/* 1: it may be issued; or what it gives. */
static long wait_rest(int cancellable, long nr, int fd, int option, long long since, long seen)
{
	struct pollfd p = {.fd = fd, .events = option == SO_RCVTIMEO ? POLLIN : POLLOUT};
	struct timespec ts;
	long long n;
	long r;

	if (!dsu_block || dsu_slot < 0 || dsu_block->slots[dsu_slot].sandboxed)
		return 1;
	n = left(fd, option, since);
	if (n < 0)
		return 1;
	ts = (struct timespec){n / SECOND, n % SECOND};
	r = dsu_issue_plainly(
		cancellable, SYS_ppoll, (long)&p, 1, (long)&ts, 0, sizeof(uint64_t), 0, seen);
	if (r)
		return r;
	return nr == SYS_connect ? -EINPROGRESS : -EAGAIN;
}

long dsu_issue_timed(
	int cancellable, long nr, long a, long b, long c, long d, long e, long f, long seen)
{
	struct dsu_timed_call *s = &dsu_thread.timed_call;
	int option = option_of(nr), goes_on = s->nr == nr && s->fd == a;
	long long since;
	long r = 1;

	s->nr = 0;
	if (!option)
		return dsu_issue_plainly(cancellable, nr, a, b, c, d, e, f, seen);
	since = goes_on ? s->since : dsu_now();
	if (goes_on)
		r = wait_rest(cancellable, nr, (int)a, option, since, seen);
	if (r > 0)
		r = dsu_issue_plainly(cancellable, nr, a, b, c, d, e, f, seen);
	if (r == -DSU_INTERRUPTED)
		*s = (struct dsu_timed_call){nr, (int)a, since};
	return r;
}
