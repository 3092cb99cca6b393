/* sysw_c11.c - C11's threads: the same objects by other names. */
#include <errno.h>
#include <pthread.h>
#include <threads.h>

#include "sysw_lock.h"

#define DSU_BLOCKING(name) extern DSU_EXPORT __typeof__(name) dsu_sys_##name;
DSU_BLOCKING(thrd_create)
DSU_BLOCKING(thrd_join)
DSU_BLOCKING(thrd_sleep)
DSU_BLOCKING(mtx_lock)
DSU_BLOCKING(mtx_timedlock)
DSU_BLOCKING(cnd_wait)
DSU_BLOCKING(cnd_timedwait)
DSU_BLOCKING(cnd_signal)
DSU_BLOCKING(cnd_broadcast)
extern __typeof__(pthread_create) dsu_sys_pthread_create;
extern __typeof__(pthread_join) dsu_sys_pthread_join;
extern __typeof__(pthread_mutex_lock) dsu_sys_pthread_mutex_lock;
extern __typeof__(pthread_mutex_timedlock) dsu_sys_pthread_mutex_timedlock;
extern __typeof__(pthread_cond_wait) dsu_sys_pthread_cond_wait;
extern __typeof__(pthread_cond_timedwait) dsu_sys_pthread_cond_timedwait;
extern __typeof__(pthread_cond_signal) dsu_sys_pthread_cond_signal;
extern __typeof__(pthread_cond_broadcast) dsu_sys_pthread_cond_broadcast;
extern int dsu_sys_clock_nanosleep(
	clockid_t clock, int flags, const struct timespec *len, struct timespec *rest);

_Static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t), "a mtx_t is a pthread_mutex_t");
_Static_assert(sizeof(cnd_t) == sizeof(pthread_cond_t), "a cnd_t is a pthread_cond_t");

static int result(int e)
{
	switch (e) {
	case 0:
		return thrd_success;
	case ENOMEM:
		return thrd_nomem;
	case ETIMEDOUT:
		return thrd_timedout;
	case EBUSY:
		return thrd_busy;
	}
	return thrd_error;
}

/* The int of a C11 thread comes back as the lower half of a pointer, as libc has it. */
int dsu_sys_thrd_create(thrd_t *to, thrd_start_t start, void *arg)
{
	int e = dsu_sys_pthread_create(to, NULL, (void *(*)(void *))(void (*)(void))start, arg);

	return e == EAGAIN ? thrd_nomem : result(e);
}

int dsu_sys_thrd_join(thrd_t th, int *value)
{
	void *p;
	int e = dsu_sys_pthread_join(th, &p);

	if (!e && !dsu_unrolling && value)
		*value = (int)(intptr_t)p;
	return result(e);
}

int dsu_sys_thrd_sleep(const struct timespec *len, struct timespec *rest)
{
	int e = dsu_sys_clock_nanosleep(CLOCK_REALTIME, 0, len, rest);

	return e == EINTR ? -1 : e ? -2 : 0;
}

int dsu_sys_mtx_lock(mtx_t *m)
{
	return result(dsu_sys_pthread_mutex_lock((pthread_mutex_t *)m));
}

int dsu_sys_mtx_timedlock(mtx_t *restrict m, const struct timespec *restrict abs)
{
	return result(dsu_sys_pthread_mutex_timedlock((pthread_mutex_t *)m, abs));
}

int dsu_sys_cnd_wait(cnd_t *c, mtx_t *m)
{
	return result(dsu_sys_pthread_cond_wait((pthread_cond_t *)c, (pthread_mutex_t *)m));
}

int dsu_sys_cnd_timedwait(cnd_t *restrict c, mtx_t *restrict m, const struct timespec *restrict abs)
{
	return result(
		dsu_sys_pthread_cond_timedwait((pthread_cond_t *)c, (pthread_mutex_t *)m, abs));
}

int dsu_sys_cnd_signal(cnd_t *c)
{
	return result(dsu_sys_pthread_cond_signal((pthread_cond_t *)c));
}

int dsu_sys_cnd_broadcast(cnd_t *c)
{
	return result(dsu_sys_pthread_cond_broadcast((pthread_cond_t *)c));
}
