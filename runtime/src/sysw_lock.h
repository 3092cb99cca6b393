/*
 * sysw_lock.h - how a thread that waits for a lock comes to an update point.
 *
 * libc's lock functions do not return when a signal comes. Those with a time-out do when it is over,
 * and each look at the time-out is a look at the caller's memory: by the kernel as it begins to
 * wait, by libc as it begins again after a signal. So we always wait with a time-out that lies in
 * the thread, and our signal's handler moves it into the past. That is exact whenever the signal
 * comes: before the wait begins it ends at once, after the lock has been taken nobody looks any more.
 */
#ifndef DSU_SYSW_LOCK_H
#define DSU_SYSW_LOCK_H

#include <time.h>

#include "sysw.h"

/* Comes to the update point. 1: flag-check mode, and the thread unrolls: return anything. */
static inline int dsu_wait_point(struct dsu_thread *t)
{
	t->waiting.suspended = 1;
	t->unfinished.nr = 0;
	dsu_sys_point(t);
	if (dsu_unrolling)
		return 1;
	t->waiting.suspended = 0;
	return 0;
}

/* The update point at the head of a call. */
static inline int dsu_wait_head(struct dsu_thread *t)
{
	return __builtin_expect(dsu_request, 0) && dsu_wait_point(t);
}

/* Within it, when the thread is about to sleep: the same point for who counts them. */
static inline int dsu_wait_asked(struct dsu_thread *t)
{
	return __builtin_expect(dsu_request & ~DSU_SELFTEST, 0) && dsu_wait_point(t);
}

/* Is this call the one that an update suspended? */
static inline int dsu_wait_continues(struct dsu_thread *t, const void *object)
{
	int yes = t->waiting.object == object && t->waiting.suspended;

	t->waiting.suspended = 0;
	return yes;
}

/* What stands in front of each timed wait. `abs` null: for ever. */
static inline int dsu_wait_until(struct dsu_thread *t, const struct timespec *abs)
{
	t->until = abs ? *abs : (struct timespec){1LL << 33, 0};
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	return dsu_wait_asked(t);
}

/* Did the handler move the end of the wait? */
static inline int dsu_wait_cut(const struct dsu_thread *t, const struct timespec *abs)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	return !abs || t->until.tv_sec != abs->tv_sec || t->until.tv_nsec != abs->tv_nsec;
}

/* A mutex that was not free. Error numbers as of pthread_mutex_clocklock(). */
DSU_HIDDEN int dsu_lock_slowly(
	struct dsu_thread *t, pthread_mutex_t *m, clockid_t clock, const struct timespec *abs);

#endif
