/*
 * sysw_cond.c - condition variables.
 *
 * libc's own wait does not come back before it has its mutex again, and a thread that stands at an
 * update point may hold that. So waiting threads queue here, by the condition variable's address:
 * one that is stopped stays in its queue, and after the update goes on to wait, has been woken
 * meanwhile, or goes on to get its mutex. Nothing is lost, and no wake-up is spurious.
 *
 * Those that are shared between processes stay libc's: there an update is a spurious wake-up, and a
 * process that holds the mutex at an update point holds up the update.
 *
 * Lock order: a bucket's lock is last. Nobody stops, and nothing is called, while holding one.
 */
#include <errno.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "family.h"
#include "sysw_lock.h"

extern DSU_EXPORT __typeof__(pthread_cond_wait) dsu_sys_pthread_cond_wait;
extern DSU_EXPORT __typeof__(pthread_cond_timedwait) dsu_sys_pthread_cond_timedwait;
extern DSU_EXPORT __typeof__(pthread_cond_clockwait) dsu_sys_pthread_cond_clockwait;
extern DSU_EXPORT __typeof__(pthread_cond_signal) dsu_sys_pthread_cond_signal;
extern DSU_EXPORT __typeof__(pthread_cond_broadcast) dsu_sys_pthread_cond_broadcast;

enum { QUEUED = 1, WOKEN };

static struct bucket {
	pthread_mutex_t lock;
	struct dsu_waiting *first, *last;
} __attribute__((aligned(64))) buckets[256];

static struct bucket *bucket_of(const void *c)
{
	uintptr_t x = (uintptr_t)c >> 4;

	return &buckets[(x ^ x >> 8 ^ x >> 16) % 256];
}

/* ---- what a condition variable says of itself, found by experiment ---- */

static struct mark {
	size_t at;
	unsigned char bits; /* 0: there is none */
} is_shared, is_monotonic;

static struct mark difference(const pthread_cond_t *a, const pthread_cond_t *b)
{
	const unsigned char *p = (const void *)a, *q = (const void *)b;

	for (size_t i = 0; i < sizeof *a; i++)
		if (p[i] != q[i])
			return (struct mark){i, p[i] ^ q[i]};
	return (struct mark){0, 0};
}

static int marked(const pthread_cond_t *c, struct mark m)
{
	return ((const unsigned char *)c)[m.at] & m.bits;
}

void dsu_conds_init(void)
{
	static pthread_cond_t usual, shared, monotonic; /* static: padding is zero */
	pthread_condattr_t attr;

	pthread_cond_init(&usual, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&monotonic, &attr);
	pthread_condattr_setclock(&attr, CLOCK_REALTIME);
	pthread_condattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_cond_init(&shared, &attr);
	pthread_condattr_destroy(&attr);
	is_shared = difference(&usual, &shared);
	is_monotonic = difference(&usual, &monotonic);
}

/* ---- queues ---- */

static void enqueue(struct bucket *b, struct dsu_waiting *w)
{
	w->word = QUEUED;
	w->next = NULL;
	w->before = b->last;
	*(b->last ? &b->last->next : &b->first) = w;
	__atomic_store_n(&b->last, w, __ATOMIC_RELEASE);
}

static void dequeue(struct bucket *b, struct dsu_waiting *w)
{
	*(w->before ? &w->before->next : &b->first) = w->next;
	*(w->next ? &w->next->before : &b->last) = w->before;
	w->word = WOKEN;
}

/* 1: it was still there. */
static int leave_queue(struct dsu_waiting *w)
{
	struct bucket *b = bucket_of(w->object);
	int was;

	pthread_mutex_lock(&b->lock);
	was = w->word == QUEUED;
	if (was)
		dequeue(b, w);
	pthread_mutex_unlock(&b->lock);
	return was;
}

/* The first of those that wait for `c`, or null. Its thread may be gone once `word` is stored. */
static unsigned *wake_first(struct bucket *b, const void *c)
{
	struct dsu_waiting *w = b->first;

	while (w && w->object != c)
		w = w->next;
	if (!w)
		return NULL;
	dequeue(b, w);
	return &w->word;
}

static void wake(const void *c, int all)
{
	struct bucket *b = bucket_of(c);
	unsigned *word;

	/* Who waited before its mutex was ours to take is seen without a lock. */
	if (!__atomic_load_n(&b->last, __ATOMIC_ACQUIRE))
		return;
	do {
		pthread_mutex_lock(&b->lock);
		word = wake_first(b, c);
		pthread_mutex_unlock(&b->lock);
		if (word)
			syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	} while (word && all);
}

/* A thread that ends, or whose handler jumped out of a wait. */
void dsu_wait_forget(struct dsu_thread *t)
{
	leave_queue(&t->waiting);
	t->waiting.object = NULL;
}

void dsu_conds_forked(struct dsu_thread *t)
{
	memset(buckets, 0, sizeof buckets);
	t->waiting.object = NULL;
}

/* ---- waiting ---- */

/* A wake-up that was meant for one that is cancelled goes to another. */
static void cancelled(void *p)
{
	struct dsu_waiting *w = p;
	const void *c = w->object;

	if (!leave_queue(w))
		wake(c, 0);
	w->object = NULL;
	pthread_mutex_lock(w->mutex);
}

static long sleep_once(struct dsu_waiting *w, int op, const struct timespec *abs, long seen)
{
	long r;

	pthread_cleanup_push(cancelled, w);
	r = dsu_cancellable(SYS_futex, (long)&w->word, op, QUEUED, (long)abs, 0,
		(long)FUTEX_BITSET_MATCH_ANY, seen);
	pthread_cleanup_pop(0);
	return r;
}

/* Until woken or timed out; 1: the thread unrolls in flag-check mode. */
static int sleep_queued(struct dsu_thread *t, clockid_t clock, const struct timespec *abs)
{
	struct dsu_waiting *w = &t->waiting;
	int op = FUTEX_WAIT_BITSET_PRIVATE | (clock == CLOCK_REALTIME ? FUTEX_CLOCK_REALTIME : 0);

	while (__atomic_load_n(&w->word, __ATOMIC_ACQUIRE) == QUEUED) {
		long seen = dsu_interrupts, r;

		if (dsu_wait_asked(t))
			return 1;
		r = sleep_once(w, op, abs, seen);
		/* EINVAL: a moment before the epoch */
		if ((r == -ETIMEDOUT || r == -EINVAL) && leave_queue(w))
			w->result = ETIMEDOUT;
	}
	return 0;
}

static int get_back(struct dsu_thread *t, pthread_mutex_t *m)
{
	int r = pthread_mutex_trylock(m);

	return r == EBUSY ? dsu_lock_slowly(t, m, CLOCK_MONOTONIC, NULL) : r;
}

/* Nobody but us may know of the wait before the mutex is released. */
static int begin(struct dsu_thread *t, pthread_cond_t *c, pthread_mutex_t *m)
{
	struct dsu_waiting *w = &t->waiting;
	struct bucket *b = bucket_of(c);
	int r;

	if (w->object)
		dsu_wait_forget(t);
	*w = (struct dsu_waiting){.object = c, .mutex = m};
	pthread_mutex_lock(&b->lock);
	enqueue(b, w);
	pthread_mutex_unlock(&b->lock);
	r = pthread_mutex_unlock(m);
	if (r)
		dsu_wait_forget(t);
	return r;
}

static int wait_queued(struct dsu_thread *t, pthread_cond_t *c, pthread_mutex_t *m, clockid_t clock,
	const struct timespec *abs)
{
	struct dsu_waiting *w = &t->waiting;
	int r;

	if (!dsu_wait_continues(t, c)) {
		if (dsu_wait_head(t))
			return 0;
		r = begin(t, c, m);
		if (r)
			return r;
	}
	if (sleep_queued(t, clock, abs))
		return 0;
	r = get_back(t, m);
	if (dsu_unrolling)
		return 0;
	w->object = NULL;
	return r ? r : w->result;
}

static int wait_shared(struct dsu_thread *t, pthread_cond_t *c, pthread_mutex_t *m, clockid_t clock,
	const struct timespec *abs)
{
	int r;

	if (dsu_wait_head(t) || dsu_wait_until(t, abs))
		return 0;
	r = pthread_cond_clockwait(c, m, clock, &t->until);
	return r == ETIMEDOUT && dsu_wait_cut(t, abs) ? 0 : r;
}

static int wait_for(
	pthread_cond_t *c, pthread_mutex_t *m, clockid_t clock, const struct timespec *abs)
{
	struct dsu_thread *t = &dsu_thread;

	if (abs && (abs->tv_nsec < 0 || abs->tv_nsec >= 1000000000 ||
			   (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)))
		return EINVAL;
	return (t->known && !marked(c, is_shared) ? wait_queued : wait_shared)(t, c, m, clock, abs);
}

int dsu_sys_pthread_cond_wait(pthread_cond_t *restrict c, pthread_mutex_t *restrict m)
{
	return wait_for(c, m, CLOCK_MONOTONIC, NULL);
}

int dsu_sys_pthread_cond_timedwait(pthread_cond_t *restrict c, pthread_mutex_t *restrict m,
	const struct timespec *restrict abs)
{
	return wait_for(c, m, marked(c, is_monotonic) ? CLOCK_MONOTONIC : CLOCK_REALTIME, abs);
}

int dsu_sys_pthread_cond_clockwait(pthread_cond_t *restrict c, pthread_mutex_t *restrict m,
	clockid_t clock, const struct timespec *restrict abs)
{
	return wait_for(c, m, clock, abs);
}

/* Those of libc's own waiting are a library's, or another process's. */
int dsu_sys_pthread_cond_signal(pthread_cond_t *c)
{
	int r = pthread_cond_signal(c);

	wake(c, 0);
	return r;
}

int dsu_sys_pthread_cond_broadcast(pthread_cond_t *c)
{
	int r = pthread_cond_broadcast(c);

	wake(c, 1);
	return r;
}
