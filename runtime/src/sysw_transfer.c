/*
 * sysw_transfer.c - calls that move many bytes, and return what they have moved so far when a signal
 * comes. If it was ours they go on with the rest: a count that is short because of an update would be
 * seen by programs that know their descriptor to block.
 *
 * What has been moved outlives the frame in the thread. An error after that is told next time, as
 * the kernel has it.
 */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "sysw.h"

#define DSU_BLOCKING(name) extern DSU_EXPORT __typeof__(name) dsu_sys_##name;
DSU_BLOCKING(write)
DSU_BLOCKING(pwrite)
DSU_BLOCKING(pwrite64)
DSU_BLOCKING(writev)
DSU_BLOCKING(pwritev)
DSU_BLOCKING(pwritev64)
DSU_BLOCKING(pwritev2)
DSU_BLOCKING(pwritev64v2)
DSU_BLOCKING(send)
DSU_BLOCKING(sendto)
DSU_BLOCKING(sendmsg)
DSU_BLOCKING(sendmmsg)
DSU_BLOCKING(recv)
DSU_BLOCKING(recvfrom)
DSU_BLOCKING(recvmsg)
DSU_BLOCKING(recvmmsg)
DSU_BLOCKING(copy_file_range)
DSU_BLOCKING(getrandom)
extern DSU_EXPORT ssize_t dsu_sys_sendfile(int out, int in, off_t *at, size_t n);
extern DSU_EXPORT ssize_t dsu_sys_sendfile64(int out, int in, off64_t *at, size_t n);

#define ERESTARTSYS 512 /* the kernel's own */

/* Is what came of a call not all, and may that be because of us? */
struct progress {
	long nr;
	size_t done; /* before this time */
	long seen, ran;
};

/* What an update has interrupted, or nothing. */
static inline struct progress begin(long nr)
{
	struct dsu_unfinished *u = &dsu_thread.unfinished;
	struct progress p = {nr, 0, 0, 0};

	if (__builtin_expect(u->suspended, 0)) {
		if (u->nr == nr)
			p.done = u->done;
		u->suspended = 0;
	}
	return p;
}

/* In front of each time. */
static inline void once(struct progress *p)
{
	if (__builtin_expect(p->done != 0, 0)) {
		dsu_thread.unfinished.nr = p->nr;
		dsu_thread.unfinished.done = p->done;
	}
	p->seen = dsu_interrupts;
	p->ran = dsu_thread.ran;
}

/* 1: go on with the rest. `r` of at most `want` is added up, or replaced by what there was before. */
static inline int again(struct progress *p, long *r, size_t want)
{
	if (__builtin_expect(dsu_unrolling, 0))
		return 0;
	if (*r > 0 && (size_t)*r < want && __builtin_expect(dsu_interrupts != p->seen, 0) &&
		dsu_thread.ran == p->ran) {
		p->done += (size_t)*r;
		return 1;
	}
	if (*r == -DSU_INTERRUPTED)
		return 1;
	if (__builtin_expect(p->done != 0, 0)) {
		dsu_thread.unfinished.nr = 0;
		*r = (long)p->done + (*r > 0 ? *r : 0);
	}
	return 0;
}

/* ---- bytes in one piece ---- */

static inline long move(long nr, int fd, const void *buf, size_t n, long d, long e, long f, int at)
{
	struct progress p = begin(nr);
	long r;

	do {
		once(&p);
		r = dsu_issue(nr, fd, (long)buf + (long)p.done, (long)(n - p.done),
			d + (at ? (long)p.done : 0), e, f);
	} while (again(&p, &r, n - p.done));
	return dsu_result(r);
}

ssize_t dsu_sys_write(int fd, const void *buf, size_t n)
{
	return move(SYS_write, fd, buf, n, 0, 0, 0, 0);
}

ssize_t dsu_sys_pwrite(int fd, const void *buf, size_t n, off_t at)
{
	return move(SYS_pwrite64, fd, buf, n, at, 0, 0, 1);
}

ssize_t dsu_sys_pwrite64(int fd, const void *buf, size_t n, off64_t at)
{
	return move(SYS_pwrite64, fd, buf, n, at, 0, 0, 1);
}

ssize_t dsu_sys_sendto(
	int fd, const void *buf, size_t n, int flags, __CONST_SOCKADDR_ARG addr, socklen_t len)
{
	return move(SYS_sendto, fd, buf, n, flags, (long)addr.__sockaddr__, len, 0);
}

ssize_t dsu_sys_send(int fd, const void *buf, size_t n, int flags)
{
	return move(SYS_sendto, fd, buf, n, flags, 0, 0, 0);
}

/* All is wanted only by those who say so, and what is only looked at is there the next time. */
static int wants_all(int flags)
{
	return (flags & MSG_WAITALL) && !(flags & (MSG_PEEK | MSG_TRUNC));
}

ssize_t dsu_sys_recvfrom(int fd, void *restrict buf, size_t n, int flags, __SOCKADDR_ARG addr,
	socklen_t *restrict len)
{
	if (wants_all(flags))
		return move(SYS_recvfrom, fd, buf, n, flags, (long)addr.__sockaddr__, (long)len, 0);
	return dsu_call(
		SYS_recvfrom, fd, (long)buf, (long)n, flags, (long)addr.__sockaddr__, (long)len);
}

ssize_t dsu_sys_recv(int fd, void *buf, size_t n, int flags)
{
	if (wants_all(flags))
		return move(SYS_recvfrom, fd, buf, n, flags, 0, 0, 0);
	return dsu_call(SYS_recvfrom, fd, (long)buf, (long)n, flags, 0, 0);
}

/* Interrupted only while there is no randomness yet, or in a request for much of it. */
ssize_t dsu_sys_getrandom(void *buf, size_t n, unsigned flags)
{
	struct progress p = begin(SYS_getrandom);
	long r;

	do {
		once(&p);
		r = dsu_issue(SYS_getrandom, (long)buf + (long)p.done, (long)(n - p.done), flags, 0,
			0, 0);
	} while (again(&p, &r, n - p.done));
	return dsu_result(r);
}

/* ---- from one descriptor to another: positions move along ---- */

static long copy(long nr, long a, long b, long c, long d, size_t n, long flags)
{
	struct progress p = begin(nr);
	long r;

	do {
		size_t rest = n - p.done;

		once(&p);
		r = nr == SYS_sendfile ? dsu_issue(nr, a, b, c, (long)rest, 0, 0)
				       : dsu_issue(nr, a, b, c, d, (long)rest, flags);
	} while (again(&p, &r, n - p.done));
	return dsu_result(r);
}

ssize_t dsu_sys_sendfile(int out, int in, off_t *at, size_t n)
{
	return copy(SYS_sendfile, out, in, (long)at, 0, n, 0);
}

ssize_t dsu_sys_sendfile64(int out, int in, off64_t *at, size_t n)
{
	return copy(SYS_sendfile, out, in, (long)at, 0, n, 0);
}

ssize_t dsu_sys_copy_file_range(
	int in, off64_t *in_at, int out, off64_t *out_at, size_t n, unsigned flags)
{
	return copy(SYS_copy_file_range, in, (long)in_at, out, (long)out_at, n, flags);
}

/* ---- bytes in several pieces ---- */

static size_t length(const struct iovec *v, size_t n)
{
	size_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += v[i].iov_len;
	return sum;
}

/* What is left of `v` after `done` bytes; how many pieces. */
static size_t rest(struct iovec *to, const struct iovec *v, size_t n, size_t done)
{
	size_t k = 0;

	for (; n && done >= v->iov_len; n--)
		done -= v++->iov_len;
	for (; k < n && k < IOV_MAX; k++)
		to[k] = v[k];
	if (k) {
		to[0].iov_base = (char *)to[0].iov_base + done;
		to[0].iov_len -= done;
	}
	return k;
}

/* After the first time; apart, since it needs room for the pieces. */
static __attribute__((noinline)) long gather_rest(
	struct progress *p, int fd, const struct iovec *v, int n, long d, int at, long f)
{
	struct iovec left[IOV_MAX];
	size_t all = length(v, (size_t)n);
	long r;

	do {
		size_t k = rest(left, v, (size_t)n, p->done);

		once(p);
		r = dsu_issue(p->nr, fd, (long)left, (long)k, d + (at ? (long)p->done : 0), 0, f);
	} while (again(p, &r, all - p->done));
	return dsu_result(r);
}

/* How many bytes are asked for is reckoned only where it matters. */
static inline long gather(long nr, int fd, const struct iovec *v, int n, long d, int at, long f)
{
	struct progress p = begin(nr);
	long r;

	if (__builtin_expect(p.done != 0, 0))
		return gather_rest(&p, fd, v, n, d, at, f);
	do {
		once(&p);
		r = dsu_issue(nr, fd, (long)v, n, d, 0, f);
		if (__builtin_expect(r > 0 && dsu_interrupts != p.seen, 0) && n > 0 &&
			n <= IOV_MAX && again(&p, &r, length(v, (size_t)n)))
			return gather_rest(&p, fd, v, n, d, at, f);
	} while (__builtin_expect(r == -DSU_INTERRUPTED, 0));
	return dsu_result(r);
}

ssize_t dsu_sys_writev(int fd, const struct iovec *v, int n)
{
	return gather(SYS_writev, fd, v, n, 0, 0, 0);
}

ssize_t dsu_sys_pwritev(int fd, const struct iovec *v, int n, off_t at)
{
	return gather(SYS_pwritev, fd, v, n, at, 1, 0);
}

ssize_t dsu_sys_pwritev64(int fd, const struct iovec *v, int n, off64_t at)
{
	return gather(SYS_pwritev, fd, v, n, at, 1, 0);
}

/* The position -1 is the descriptor's own. */
ssize_t dsu_sys_pwritev2(int fd, const struct iovec *v, int n, off_t at, int flags)
{
	return gather(SYS_pwritev2, fd, v, n, at, at != -1, flags);
}

ssize_t dsu_sys_pwritev64v2(int fd, const struct iovec *v, int n, off64_t at, int flags)
{
	return gather(SYS_pwritev2, fd, v, n, at, at != -1, flags);
}

/* ---- messages ---- */

/* What goes with a message goes with its first bytes. */
static __attribute__((noinline)) long message_rest(
	struct progress *p, int fd, const struct msghdr *m, int flags)
{
	struct iovec left[IOV_MAX];
	struct msghdr copy = *m;
	size_t all = length(m->msg_iov, m->msg_iovlen);
	long r;

	copy.msg_iov = left;
	copy.msg_control = NULL;
	copy.msg_controllen = 0;
	do {
		copy.msg_iovlen = rest(left, m->msg_iov, m->msg_iovlen, p->done);
		once(p);
		r = dsu_issue(p->nr, fd, (long)&copy, flags, 0, 0, 0);
	} while (again(p, &r, all - p->done));
	return dsu_result(r);
}

static inline long message(long nr, int fd, const struct msghdr *m, int flags)
{
	struct progress p = begin(nr);
	long r;

	if (__builtin_expect(p.done != 0, 0))
		return message_rest(&p, fd, m, flags);
	do {
		once(&p);
		r = dsu_issue(nr, fd, (long)m, flags, 0, 0, 0);
		if (__builtin_expect(r > 0 && dsu_interrupts != p.seen, 0) &&
			again(&p, &r, length(m->msg_iov, m->msg_iovlen)))
			return message_rest(&p, fd, m, flags);
	} while (__builtin_expect(r == -DSU_INTERRUPTED, 0));
	return dsu_result(r);
}

ssize_t dsu_sys_sendmsg(int fd, const struct msghdr *m, int flags)
{
	return message(SYS_sendmsg, fd, m, flags);
}

ssize_t dsu_sys_recvmsg(int fd, struct msghdr *m, int flags)
{
	if (wants_all(flags))
		return message(SYS_recvmsg, fd, m, flags);
	return dsu_call(SYS_recvmsg, fd, (long)m, flags, 0, 0, 0);
}

/*
 * Counts messages, not bytes. The kernel keeps what is left of the time-out in `*timeout`, and keeps
 * what ended a call that has received something as the socket's error: its own word for "interrupted
 * by a signal", which comes back from the next call.
 */
static int messages(long nr, int fd, struct mmsghdr *m, unsigned n, int flags,
	struct timespec *timeout, unsigned want)
{
	struct progress p = begin(nr);
	long r;

	do {
		once(&p);
		r = dsu_issue(
			nr, fd, (long)(m + p.done), n - (long)p.done, flags, (long)timeout, 0);
		if (r == -ERESTARTSYS && p.done)
			r = -DSU_INTERRUPTED;
	} while (again(&p, &r, want - p.done));
	return (int)dsu_result(r);
}

int dsu_sys_sendmmsg(int fd, struct mmsghdr *m, unsigned n, int flags)
{
	return messages(SYS_sendmmsg, fd, m, n, flags, NULL, n);
}

int dsu_sys_recvmmsg(int fd, struct mmsghdr *m, unsigned n, int flags, struct timespec *timeout)
{
	return messages(SYS_recvmmsg, fd, m, n, flags, timeout, flags & MSG_WAITFORONE ? 1 : n);
}
