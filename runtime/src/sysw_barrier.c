/*
 * sysw_barrier.c - barriers, which libc has no wait with a time-out for: ours, in the memory of
 * libc's. All that the program does with a barrier comes here.
 */
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sysw_lock.h"

extern DSU_EXPORT __typeof__(pthread_barrier_init) dsu_sys_pthread_barrier_init;
extern DSU_EXPORT __typeof__(pthread_barrier_destroy) dsu_sys_pthread_barrier_destroy;
extern DSU_EXPORT __typeof__(pthread_barrier_wait) dsu_sys_pthread_barrier_wait;

struct barrier {
	union {
		uint64_t both; /* changed at once */
		struct {
			uint32_t came, round;
		};
	};
	uint32_t count;
	uint32_t inside; /* threads that still look at this */
	int op_wait, op_wake;
};

_Static_assert(sizeof(struct barrier) <= sizeof(pthread_barrier_t), "no room for a barrier");

int dsu_sys_pthread_barrier_init(
	pthread_barrier_t *restrict p, const pthread_barrierattr_t *restrict attr, unsigned count)
{
	int shared = PTHREAD_PROCESS_PRIVATE, private;
	struct barrier *b = (struct barrier *)p;

	if (!count || count > INT_MAX)
		return EINVAL;
	if (attr)
		pthread_barrierattr_getpshared(attr, &shared);
	private = shared == PTHREAD_PROCESS_PRIVATE ? FUTEX_PRIVATE_FLAG : 0;
	*b = (struct barrier){
		.count = count, .op_wait = FUTEX_WAIT | private, .op_wake = FUTEX_WAKE | private};
	return 0;
}

/* Those that have been let through may still be on their way out. */
int dsu_sys_pthread_barrier_destroy(pthread_barrier_t *p)
{
	struct barrier *b = (struct barrier *)p;
	uint32_t inside;

	if (__atomic_load_n(&b->came, __ATOMIC_ACQUIRE))
		return EBUSY;
	while ((inside = __atomic_load_n(&b->inside, __ATOMIC_ACQUIRE)))
		syscall(SYS_futex, &b->inside, b->op_wait, inside, NULL, NULL, 0);
	return 0;
}

/* The round that it came in; 1 in *last: all are there. */
static uint32_t come(struct barrier *b, int *last)
{
	struct barrier was, is;

	__atomic_fetch_add(&b->inside, 1, __ATOMIC_ACQ_REL);
	was.both = __atomic_load_n(&b->both, __ATOMIC_ACQUIRE);
	do {
		is.came = was.came + 1;
		is.round = was.round;
		*last = is.came == b->count;
		if (*last) {
			is.came = 0;
			is.round++;
		}
	} while (!__atomic_compare_exchange_n(
		&b->both, &was.both, is.both, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
	return was.round;
}

static void go(struct barrier *b)
{
	int op = b->op_wake;

	if (__atomic_sub_fetch(&b->inside, 1, __ATOMIC_ACQ_REL) == 0)
		syscall(SYS_futex, &b->inside, op, INT_MAX, NULL, NULL, 0);
}

static int wait_for_round(struct dsu_thread *t, struct barrier *b)
{
	while (__atomic_load_n(&b->round, __ATOMIC_ACQUIRE) == t->waiting.round) {
		long seen = dsu_interrupts;

		if (dsu_wait_asked(t))
			return 1;
		dsu_syscall(
			(long)&b->round, b->op_wait, t->waiting.round, 0, 0, 0, SYS_futex, seen);
	}
	return 0;
}

int dsu_sys_pthread_barrier_wait(pthread_barrier_t *p)
{
	struct dsu_thread *t = &dsu_thread;
	struct barrier *b = (struct barrier *)p;
	int last = 0;

	if (!dsu_wait_continues(t, b)) {
		if (dsu_wait_head(t))
			return 0;
		if (t->waiting.object)
			dsu_wait_forget(t);
		t->waiting = (struct dsu_waiting){.object = b};
		t->waiting.round = come(b, &last);
	}
	if (last)
		syscall(SYS_futex, &b->round, b->op_wake, INT_MAX, NULL, NULL, 0);
	else if (wait_for_round(t, b))
		return 0;
	t->waiting.object = NULL;
	go(b);
	return last ? PTHREAD_BARRIER_SERIAL_THREAD : 0;
}
