/* sysw.h - the core of the wrappers of blocking calls. */
#ifndef DSU_SYSW_H
#define DSU_SYSW_H

#include <errno.h>
#include <pthread.h>
#include <sys/single_threaded.h>

#include "internal.h"

#define DSU_INTERRUPTED 5000 /* by our signal; never leaves the wrappers. Also in syscall.S */

extern DSU_HIDDEN long dsu_syscall(
	long a, long b, long c, long d, long e, long f, long nr, long seen);
DSU_HIDDEN void dsu_sys_point(struct dsu_thread *t);
DSU_HIDDEN void dsu_wait_forget(struct dsu_thread *t);

/* libc's blocking calls are cancellation points, and so are ours; only threads can be cancelled. */
static inline long dsu_cancellable(
	long nr, long a, long b, long c, long d, long e, long f, long seen)
{
	long r;
	int type;

	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &type);
	r = dsu_syscall(a, b, c, d, e, f, nr, seen);
	pthread_setcanceltype(type, &type);
	return r;
}

static inline long dsu_issue_plainly(
	int cancellable, long nr, long a, long b, long c, long d, long e, long f, long seen)
{
	if (__builtin_expect(!__libc_single_threaded, 0) && cancellable)
		return dsu_cancellable(nr, a, b, c, d, e, f, seen);
	return dsu_syscall(a, b, c, d, e, f, nr, seen);
}

/* sysw_socket.c */
extern DSU_HIDDEN int dsu_sockets_timed; /* some have had time-outs of their own */
DSU_HIDDEN long dsu_issue_timed(
	int cancellable, long nr, long a, long b, long c, long d, long e, long f, long seen);

/*
 * Issue a call once. It is an update point first; -DSU_INTERRUPTED: an update is asked for,
 * do this again (the point at its head does the rest). In flag-check mode the point may return
 * with the thread unrolling: then whatever we return is thrown away.
 */
static inline long dsu_issue_as(
	int cancellable, long nr, long a, long b, long c, long d, long e, long f)
{
	long seen = dsu_interrupts, handled;

	if (__builtin_expect(dsu_request, 0)) {
		handled = dsu_thread.handled;
		/* Another call's, whose handler jumped out of it. */
		if (dsu_thread.unfinished.nr != nr)
			dsu_thread.unfinished.nr = 0;
		dsu_sys_point(&dsu_thread);
		if (dsu_unrolling)
			return -EINTR;
		if (dsu_thread.handled != handled) {
			dsu_thread.timed_call.nr = 0;
			return -EINTR;
		}
	}
	if (__builtin_expect(dsu_sockets_timed, 0))
		return dsu_issue_timed(cancellable, nr, a, b, c, d, e, f, seen);
	return dsu_issue_plainly(cancellable, nr, a, b, c, d, e, f, seen);
}

static inline long dsu_issue(long nr, long a, long b, long c, long d, long e, long f)
{
	return dsu_issue_as(1, nr, a, b, c, d, e, f);
}

static inline long dsu_result(long r)
{
	if (__builtin_expect((unsigned long)r > -4096UL, 0)) {
		errno = (int)-r;
		return -1;
	}
	return r;
}

/* sysw_time.c */
DSU_HIDDEN long long dsu_now(void); /* CLOCK_MONOTONIC, ns */
DSU_HIDDEN long dsu_timed(int cancellable, long nr, const long a[6], int at);

/* A call whose arguments say nothing of time: issued until it was not us who interrupted it. */
static inline long dsu_call(long nr, long a, long b, long c, long d, long e, long f)
{
	long r;

	do
		r = dsu_issue(nr, a, b, c, d, e, f);
	while (__builtin_expect(r == -DSU_INTERRUPTED, 0));
	return dsu_result(r);
}

#endif
