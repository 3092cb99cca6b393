/* sysw_lock.c - mutexes, read-write locks, spin locks, semaphores, and the end of a thread. */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>

#include "sysw_lock.h"

extern DSU_EXPORT __typeof__(pthread_mutex_lock) dsu_sys_pthread_mutex_lock;
extern DSU_EXPORT __typeof__(pthread_mutex_timedlock) dsu_sys_pthread_mutex_timedlock;
extern DSU_EXPORT __typeof__(pthread_mutex_clocklock) dsu_sys_pthread_mutex_clocklock;
extern DSU_EXPORT __typeof__(pthread_rwlock_rdlock) dsu_sys_pthread_rwlock_rdlock;
extern DSU_EXPORT __typeof__(pthread_rwlock_timedrdlock) dsu_sys_pthread_rwlock_timedrdlock;
extern DSU_EXPORT __typeof__(pthread_rwlock_clockrdlock) dsu_sys_pthread_rwlock_clockrdlock;
extern DSU_EXPORT __typeof__(pthread_rwlock_wrlock) dsu_sys_pthread_rwlock_wrlock;
extern DSU_EXPORT __typeof__(pthread_rwlock_timedwrlock) dsu_sys_pthread_rwlock_timedwrlock;
extern DSU_EXPORT __typeof__(pthread_rwlock_clockwrlock) dsu_sys_pthread_rwlock_clockwrlock;
extern DSU_EXPORT __typeof__(pthread_spin_lock) dsu_sys_pthread_spin_lock;
extern DSU_EXPORT __typeof__(pthread_join) dsu_sys_pthread_join;
extern DSU_EXPORT __typeof__(pthread_timedjoin_np) dsu_sys_pthread_timedjoin_np;
extern DSU_EXPORT __typeof__(pthread_clockjoin_np) dsu_sys_pthread_clockjoin_np;
extern DSU_EXPORT __typeof__(sem_wait) dsu_sys_sem_wait;
extern DSU_EXPORT __typeof__(sem_timedwait) dsu_sys_sem_timedwait;
extern DSU_EXPORT __typeof__(sem_clockwait) dsu_sys_sem_clockwait;

/*
 * CALL, a timed one that ends at t->until, again and again until it was not us who ended it. In
 * flag-check mode 0 is returned to a caller that throws it away.
 */
#define WAIT(t, abs, call)                                        \
	({                                                        \
		int r_;                                           \
		do                                                \
			r_ = dsu_wait_until(t, abs) ? 0 : (call); \
		while (r_ == ETIMEDOUT && dsu_wait_cut(t, abs));  \
		r_;                                               \
	})

/* ---- mutexes: what is free is taken as by libc alone ---- */

int dsu_lock_slowly(
	struct dsu_thread *t, pthread_mutex_t *m, clockid_t clock, const struct timespec *abs)
{
	return WAIT(t, abs, pthread_mutex_clocklock(m, clock, &t->until));
}

static inline int lock(pthread_mutex_t *m, clockid_t clock, const struct timespec *abs)
{
	struct dsu_thread *t = &dsu_thread;
	int r;

	if (dsu_wait_head(t))
		return 0;
	r = pthread_mutex_trylock(m);
	return __builtin_expect(r == EBUSY, 0) ? dsu_lock_slowly(t, m, clock, abs) : r;
}

int dsu_sys_pthread_mutex_lock(pthread_mutex_t *m)
{
	return lock(m, CLOCK_MONOTONIC, NULL);
}

int dsu_sys_pthread_mutex_timedlock(
	pthread_mutex_t *restrict m, const struct timespec *restrict abs)
{
	return lock(m, CLOCK_REALTIME, abs);
}

int dsu_sys_pthread_mutex_clocklock(
	pthread_mutex_t *restrict m, clockid_t clock, const struct timespec *restrict abs)
{
	return lock(m, clock, abs);
}

/* ---- read-write locks ---- */

static inline int lock_to_read(pthread_rwlock_t *l, clockid_t clock, const struct timespec *abs)
{
	struct dsu_thread *t = &dsu_thread;
	int r;

	if (dsu_wait_head(t))
		return 0;
	r = pthread_rwlock_tryrdlock(l);
	if (__builtin_expect(r == EBUSY, 0))
		r = WAIT(t, abs, pthread_rwlock_clockrdlock(l, clock, &t->until));
	return r;
}

static inline int lock_to_write(pthread_rwlock_t *l, clockid_t clock, const struct timespec *abs)
{
	struct dsu_thread *t = &dsu_thread;
	int r;

	if (dsu_wait_head(t))
		return 0;
	r = pthread_rwlock_trywrlock(l);
	if (__builtin_expect(r == EBUSY, 0))
		r = WAIT(t, abs, pthread_rwlock_clockwrlock(l, clock, &t->until));
	return r;
}

int dsu_sys_pthread_rwlock_rdlock(pthread_rwlock_t *l)
{
	return lock_to_read(l, CLOCK_MONOTONIC, NULL);
}

int dsu_sys_pthread_rwlock_timedrdlock(
	pthread_rwlock_t *restrict l, const struct timespec *restrict abs)
{
	return lock_to_read(l, CLOCK_REALTIME, abs);
}

int dsu_sys_pthread_rwlock_clockrdlock(
	pthread_rwlock_t *restrict l, clockid_t clock, const struct timespec *restrict abs)
{
	return lock_to_read(l, clock, abs);
}

int dsu_sys_pthread_rwlock_wrlock(pthread_rwlock_t *l)
{
	return lock_to_write(l, CLOCK_MONOTONIC, NULL);
}

int dsu_sys_pthread_rwlock_timedwrlock(
	pthread_rwlock_t *restrict l, const struct timespec *restrict abs)
{
	return lock_to_write(l, CLOCK_REALTIME, abs);
}

int dsu_sys_pthread_rwlock_clockwrlock(
	pthread_rwlock_t *restrict l, clockid_t clock, const struct timespec *restrict abs)
{
	return lock_to_write(l, clock, abs);
}

/* ---- spin locks ---- */

int dsu_sys_pthread_spin_lock(pthread_spinlock_t *l)
{
	int r;

	do {
		if (dsu_wait_head(&dsu_thread))
			return 0;
		r = pthread_spin_trylock(l);
		if (r == EBUSY)
			dsu_relax();
	} while (r == EBUSY);
	return r;
}

/* ---- the end of a thread ---- */

static int join(pthread_t th, void **result, clockid_t clock, const struct timespec *abs)
{
	struct dsu_thread *t = &dsu_thread;

	if (dsu_wait_head(t))
		return 0;
	return WAIT(t, abs, pthread_clockjoin_np(th, result, clock, &t->until));
}

int dsu_sys_pthread_join(pthread_t th, void **result)
{
	return join(th, result, CLOCK_MONOTONIC, NULL);
}

int dsu_sys_pthread_timedjoin_np(pthread_t th, void **result, const struct timespec *abs)
{
	return join(th, result, CLOCK_REALTIME, abs);
}

int dsu_sys_pthread_clockjoin_np(
	pthread_t th, void **result, clockid_t clock, const struct timespec *abs)
{
	return join(th, result, clock, abs);
}

/* ---- semaphores: unlike the others, a signal's handler ends the wait ---- */

/* Handlers that end it: those without SA_RESTART; with a time-out all, since Linux does not restart. */
static long handlers(const struct dsu_thread *t, const struct timespec *abs)
{
	return abs ? t->ran : t->handled;
}

/* 0 or an error number. */
static int take_slowly(struct dsu_thread *t, sem_t *s, clockid_t clock, const struct timespec *abs)
{
	for (;;) {
		long before = handlers(t, abs);

		if (dsu_wait_until(t, abs))
			return 0;
		if (handlers(t, abs) != before)
			return EINTR;
		if (!sem_clockwait(s, clock, &t->until))
			return 0;
		if (errno == EINTR ? handlers(t, abs) != before
				   : errno != ETIMEDOUT || !dsu_wait_cut(t, abs))
			return errno;
	}
}

static inline int take(sem_t *s, clockid_t clock, const struct timespec *abs)
{
	struct dsu_thread *t = &dsu_thread;
	long before = t->handled;
	int e = errno, r;

	if (__builtin_expect(dsu_request, 0)) {
		if (dsu_wait_point(t))
			return 0;
		if (t->handled != before) {
			errno = EINTR;
			return -1;
		}
	}
	pthread_testcancel();
	if (sem_trywait(s) == 0)
		return 0;
	r = errno == EAGAIN ? take_slowly(t, s, clock, abs) : errno;
	errno = r ? r : e;
	return r ? -1 : 0;
}

int dsu_sys_sem_wait(sem_t *s)
{
	return take(s, CLOCK_MONOTONIC, NULL);
}

int dsu_sys_sem_timedwait(sem_t *restrict s, const struct timespec *restrict abs)
{
	return take(s, CLOCK_REALTIME, abs);
}

int dsu_sys_sem_clockwait(sem_t *restrict s, clockid_t clock, const struct timespec *restrict abs)
{
	return take(s, clock, abs);
}
