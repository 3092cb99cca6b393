/*
 * locks.c - one wait, named by argv[1]: main() holds what a thread waits for, and sits at an update
 * point in a read(); a line makes it release that. argv[2]: milliseconds that timed waits take.
 * Prints what the wait gave: error, milliseconds, how often it came back without a reason. For dsucc.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t mutex;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_cond_t cond;
static pthread_spinlock_t spin;
static pthread_barrier_t barrier;
static sem_t semaphore;
static mtx_t mtx;
static cnd_t cnd;
static pthread_t other;
static int flag, spurious;
static clockid_t clock_used = CLOCK_REALTIME;
static long length;

static struct timespec end(void)
{
	struct timespec ts;

	clock_gettime(clock_used, &ts);
	ts.tv_sec += length / 1000;
	ts.tv_nsec += length % 1000 * 1000000;
	if (ts.tv_nsec >= 1000000000) {
		ts.tv_sec++;
		ts.tv_nsec -= 1000000000;
	}
	return ts;
}

/* ---- holding, and releasing when the line has come ---- */

static void none(void)
{
}

static void lock_mutex(void)
{
	pthread_mutex_lock(&mutex);
}

static void unlock_mutex(void)
{
	pthread_mutex_unlock(&mutex);
}

static void lock_write(void)
{
	pthread_rwlock_wrlock(&rwlock);
}

static void lock_read(void)
{
	pthread_rwlock_rdlock(&rwlock);
}

static void unlock_rw(void)
{
	pthread_rwlock_unlock(&rwlock);
}

static void lock_spin(void)
{
	pthread_spin_lock(&spin);
}

static void unlock_spin(void)
{
	pthread_spin_unlock(&spin);
}

static void lock_mtx(void)
{
	mtx_lock(&mtx);
}

static void unlock_mtx(void)
{
	mtx_unlock(&mtx);
}

static void post(void)
{
	sem_post(&semaphore);
}

static void pass(void)
{
	if (pthread_barrier_wait(&barrier) > 0)
		abort();
}

/* The waiting thread is in its wait as soon as main() has the mutex; main() keeps it. */
static void hold_after_wait(void)
{
	usleep(50000);
	pthread_mutex_lock(&mutex);
}

static void signal_and_unlock(void)
{
	flag = 1;
	pthread_cond_signal(&cond);
	pthread_mutex_unlock(&mutex);
}

static void broadcast_unlocked(void)
{
	flag = 1;
	pthread_mutex_unlock(&mutex);
	pthread_cond_broadcast(&cond);
}

static void hold_mtx_after_wait(void)
{
	usleep(50000);
	mtx_lock(&mtx);
}

static void signal_cnd(void)
{
	flag = 1;
	cnd_signal(&cnd);
	mtx_unlock(&mtx);
}

static void *read_a_line(void *unused)
{
	char line[8];

	if (read(0, line, sizeof line) <= 0)
		exit(2);
	return unused;
}

static void start_other(void)
{
	pthread_create(&other, NULL, read_a_line, &other);
}

/* ---- waits; each gives an error number ---- */

static int w_mutex(void)
{
	int r = pthread_mutex_lock(&mutex);

	return r ? r : pthread_mutex_unlock(&mutex);
}

static int w_timedlock(void)
{
	struct timespec ts = end();
	int r = pthread_mutex_timedlock(&mutex, &ts);

	return r ? r : pthread_mutex_unlock(&mutex);
}

static int w_clocklock(void)
{
	struct timespec ts;
	int r;

	clock_used = CLOCK_MONOTONIC;
	ts = end();
	r = pthread_mutex_clocklock(&mutex, CLOCK_MONOTONIC, &ts);
	return r ? r : pthread_mutex_unlock(&mutex);
}

static int w_rdlock(void)
{
	int r = pthread_rwlock_rdlock(&rwlock);

	return r ? r : pthread_rwlock_unlock(&rwlock);
}

static int w_wrlock(void)
{
	int r = pthread_rwlock_wrlock(&rwlock);

	return r ? r : pthread_rwlock_unlock(&rwlock);
}

static int w_timedrdlock(void)
{
	struct timespec ts = end();
	int r = pthread_rwlock_timedrdlock(&rwlock, &ts);

	return r ? r : pthread_rwlock_unlock(&rwlock);
}

static int w_timedwrlock(void)
{
	struct timespec ts = end();
	int r = pthread_rwlock_timedwrlock(&rwlock, &ts);

	return r ? r : pthread_rwlock_unlock(&rwlock);
}

static int w_spin(void)
{
	int r = pthread_spin_lock(&spin);

	return r ? r : pthread_spin_unlock(&spin);
}

static int w_cond(void)
{
	int r = pthread_mutex_lock(&mutex);

	while (!r && !flag) {
		r = pthread_cond_wait(&cond, &mutex);
		spurious += !flag;
	}
	return r ? r : pthread_mutex_unlock(&mutex);
}

static int w_cond_timed(void)
{
	struct timespec ts = end();
	int r = pthread_mutex_lock(&mutex);

	while (!r && !flag) {
		r = pthread_cond_timedwait(&cond, &mutex, &ts);
		spurious += !flag && !r;
	}
	pthread_mutex_unlock(&mutex);
	return r;
}

static int w_barrier(void)
{
	int r = pthread_barrier_wait(&barrier);

	return r == PTHREAD_BARRIER_SERIAL_THREAD ? 0 : r;
}

static int w_sem(void)
{
	return sem_wait(&semaphore) ? errno : 0;
}

static int w_sem_timed(void)
{
	struct timespec ts = end();

	return sem_timedwait(&semaphore, &ts) ? errno : 0;
}

static int w_join(void)
{
	void *r = NULL;
	int e = pthread_join(other, &r);

	return e ? e : r == &other ? 0 : EINVAL;
}

static int w_join_timed(void)
{
	struct timespec ts = end();

	return pthread_timedjoin_np(other, NULL, &ts);
}

static int w_mtx(void)
{
	int r = mtx_lock(&mtx);

	return r == thrd_success && mtx_unlock(&mtx) == thrd_success ? 0 : EINVAL;
}

static int w_cnd(void)
{
	int r = mtx_lock(&mtx);

	while (r == thrd_success && !flag) {
		r = cnd_wait(&cnd, &mtx);
		spurious += !flag;
	}
	mtx_unlock(&mtx);
	return r == thrd_success ? 0 : EINVAL;
}

static const struct wait {
	const char *name;
	void (*hold)(void);
	int (*wait)(void);
	void (*release)(void);
	int after; /* hold when the thread waits already */
} waits[] = {
	{"mutex", lock_mutex, w_mutex, unlock_mutex, 0},
	{"recursive", lock_mutex, w_mutex, unlock_mutex, 0},
	{"errorcheck", lock_mutex, w_mutex, unlock_mutex, 0},
	{"adaptive", lock_mutex, w_mutex, unlock_mutex, 0},
	{"robust", lock_mutex, w_mutex, unlock_mutex, 0},
	{"inherit", lock_mutex, w_mutex, unlock_mutex, 0},
	{"protect", lock_mutex, w_mutex, unlock_mutex, 0},
	{"protect_timed", lock_mutex, w_timedlock, unlock_mutex, 0},
	{"inherit_timed", lock_mutex, w_timedlock, unlock_mutex, 0},
	{"timedlock", lock_mutex, w_timedlock, unlock_mutex, 0},
	{"clocklock", lock_mutex, w_clocklock, unlock_mutex, 0},
	{"rdlock", lock_write, w_rdlock, unlock_rw, 0},
	{"wrlock", lock_read, w_wrlock, unlock_rw, 0},
	{"timedrdlock", lock_write, w_timedrdlock, unlock_rw, 0},
	{"timedwrlock", lock_read, w_timedwrlock, unlock_rw, 0},
	{"spin", lock_spin, w_spin, unlock_spin, 0},
	{"cond", hold_after_wait, w_cond, signal_and_unlock, 1},
	{"broadcast", hold_after_wait, w_cond, broadcast_unlocked, 1},
	{"cond_timed", none, w_cond_timed, broadcast_unlocked, 1},
	{"cond_monotonic", none, w_cond_timed, broadcast_unlocked, 1},
	{"cond_shared", none, w_cond, broadcast_unlocked, 1},
	{"cond_shared_timed", none, w_cond_timed, broadcast_unlocked, 1},
	{"barrier", none, w_barrier, pass, 0},
	{"sem", none, w_sem, post, 0},
	{"sem_timed", none, w_sem_timed, post, 0},
	{"join", start_other, w_join, none, 0},
	{"join_timed", start_other, w_join_timed, none, 0},
	{"mtx", lock_mtx, w_mtx, unlock_mtx, 0},
	{"cnd", hold_mtx_after_wait, w_cnd, signal_cnd, 1},
};

static void set_up(const char *name)
{
	pthread_mutexattr_t attr;
	pthread_condattr_t cattr;

	pthread_mutexattr_init(&attr);
	if (!strcmp(name, "recursive"))
		pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
	if (!strcmp(name, "errorcheck"))
		pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK);
	if (!strcmp(name, "adaptive"))
		pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ADAPTIVE_NP);
	if (!strcmp(name, "robust"))
		pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	if (!strncmp(name, "inherit", 7))
		pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT);
	if (!strncmp(name, "protect", 7)) {
		/* glibc raises no priority of one that has none. */
		if (pthread_setschedparam(pthread_self(), SCHED_RR, &(struct sched_param){1}))
			exit(3);
		pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_PROTECT);
		pthread_mutexattr_setprioceiling(&attr, 5);
	}
	pthread_mutex_init(&mutex, &attr);
	pthread_condattr_init(&cattr);
	if (!strcmp(name, "cond_monotonic")) {
		clock_used = CLOCK_MONOTONIC;
		pthread_condattr_setclock(&cattr, CLOCK_MONOTONIC);
	}
	if (!strncmp(name, "cond_shared", 11))
		pthread_condattr_setpshared(&cattr, PTHREAD_PROCESS_SHARED);
	pthread_cond_init(&cond, &cattr);
	pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
	pthread_barrier_init(&barrier, NULL, 2);
	sem_init(&semaphore, 0, 0);
	mtx_init(&mtx, mtx_plain);
	cnd_init(&cnd);
}

static void *waiter(void *arg)
{
	const struct wait *w = arg;
	struct timespec a, b;
	char text[64];
	int e, n;

	clock_gettime(CLOCK_MONOTONIC, &a);
	e = w->wait();
	clock_gettime(CLOCK_MONOTONIC, &b);
	n = snprintf(text, sizeof text, "%s %ld %d\n", e ? strerrorname_np(e) : "0",
		(b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000, spurious);
	if (write(1, text, (size_t)n) != n)
		exit(2);
	return NULL;
}

int main(int argc, char **argv)
{
	const struct wait *w = waits;
	char line[8];
	pthread_t t;

	if (argc < 3)
		return 2;
	while (strcmp(w->name, argv[1]))
		if (++w == waits + sizeof waits / sizeof *waits)
			return 2;
	length = atol(argv[2]);
	set_up(w->name);
	if (!w->after)
		w->hold();
	pthread_create(&t, NULL, waiter, (void *)w);
	if (w->after)
		w->hold();
	usleep(50000);
	if (write(1, "ready\n", 6) != 6)
		return 2;
	if (w->hold != start_other && read(0, line, sizeof line) <= 0)
		return 2;
	w->release();
	pthread_join(t, NULL);
	return 0;
}
