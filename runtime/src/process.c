/*
 * process.c - the threads of this process that take part in updates.
 *
 * Lock order: `lock` is taken last, and nobody stops while holding it. From the moment at which all
 * have stopped until they go on, the list does not change, and is read without the lock.
 */
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "family.h"
#include "sysw.h"

DSU_TOUCHED struct dsu_thread *dsu_threads;
DSU_TOUCHED int dsu_living; /* of them, those included that have been created and not begun */
int dsu_threaded;
DSU_TOUCHED struct dsu_meeting dsu_all_unrolled, dsu_all_decided, dsu_all_rebuilt;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_key_t ending;

static void insert(struct dsu_thread *t)
{
	t->self = &dsu_threads;
	t->next = dsu_threads;
	if (t->next)
		t->next->self = &t->next;
	dsu_threads = t;
}

static void drop(struct dsu_thread *t)
{
	*t->self = t->next;
	if (t->next)
		t->next->self = t->self;
}

/* The destructors of the program's own thread-specific data run first, as often as they may. */
static void on_end(void *p)
{
	struct dsu_thread *t = p;

	t->based = 0;
	if (++t->endings < PTHREAD_DESTRUCTOR_ITERATIONS && !pthread_setspecific(ending, t))
		return;
	dsu_thread_end(t);
}

void dsu_threads_init(void)
{
	if (pthread_key_create(&ending, on_end))
		dsu_die("no key for thread-specific data is left");
}

/* By the thread itself, whose slot is claimed and which counts as living. */
void dsu_thread_begin(struct dsu_thread *t)
{
	t->known = 1;
	pthread_setspecific(ending, t);
	pthread_mutex_lock(&lock);
	insert(t);
	pthread_mutex_unlock(&lock);
}

void dsu_thread_end(struct dsu_thread *t)
{
	struct dsu_chunk *c = t->scratch;

	if (t->waiting.object)
		dsu_wait_forget(t);
	pthread_mutex_lock(&lock);
	drop(t);
	__atomic_sub_fetch(&dsu_living, 1, __ATOMIC_SEQ_CST);
	pthread_mutex_unlock(&lock);
	t->known = 0;
	t->scratch = NULL;
	if (c)
		dsu_chunk_put(c);
	dsu_slot_leave(t->slot);
}

/*
 * A thread that a library made has come to an update point: from now on it counts, and as it has no
 * base frame no update happens while it lives.
 */
void dsu_thread_adopt(struct dsu_thread *t)
{
	t->slot = dsu_slot_claim(dsu_slot);
	__atomic_add_fetch(&dsu_living, 1, __ATOMIC_SEQ_CST);
	dsu_thread_begin(t);
	dsu_slot_begin(t);
}

/* In the child of a fork its only thread is left; what others were doing with the lock is void. */
void dsu_threads_forked(struct dsu_thread *t)
{
	pthread_mutex_init(&lock, NULL);
	dsu_threads = NULL;
	dsu_living = 1;
	dsu_all_unrolled = dsu_all_decided = dsu_all_rebuilt = (struct dsu_meeting){0};
	t->known = 1;
	t->endings = 0;
	pthread_setspecific(ending, t);
	insert(t);
}

/* ---- meetings ---- */

/* 1: all of the others have come before. */
int dsu_come(struct dsu_meeting *m, uint32_t round)
{
	uint64_t was = __atomic_load_n(&m->came, __ATOMIC_SEQ_CST), is;

	do
		is = was >> 32 == round ? was + 1 : (uint64_t)round << 32 | 1;
	while (!__atomic_compare_exchange_n(
		&m->came, &was, is, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
	return (int)(uint32_t)is == dsu_living;
}

void dsu_close(struct dsu_meeting *m, uint32_t round)
{
	DSU_STORE(&m->over, round);
	if (dsu_living > 1)
		syscall(SYS_futex, &m->over, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

/* A process that has threads may use futexes, whatever its sandbox: they could not live without. */
void dsu_await(struct dsu_meeting *m, uint32_t round)
{
	uint32_t over;

	while ((over = DSU_LOAD(&m->over)) != round)
		syscall(SYS_futex, &m->over, FUTEX_WAIT_PRIVATE, over, NULL, NULL, 0);
}
