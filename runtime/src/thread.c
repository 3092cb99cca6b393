/* thread.c - threads of the program's own making begin above a base frame of ours. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "family.h"

extern DSU_EXPORT __typeof__(pthread_create) dsu_sys_pthread_create;

/* For thread-local variables that patches bring; dsuctl looks for it by its name. */
DSU_TLS char dsu_thread_room[DSU_THREAD_ROOM] __attribute__((aligned(DSU_THREAD_ROOM_ALIGN)));

/* Those of a patch get their first values. The thread is any of the process's. */
void dsu_thread_part_begin(struct dsu_thread *t, const struct dsu_applied *a)
{
	const struct dsu_thread_part *p = &a->threads;
	char *to = dsu_of_thread(t, dsu_thread_room + p->at);

	if (!p->size)
		return;
	memcpy(to, (const void *)p->image, p->image_size);
	memset(to + p->image_size, 0, p->size - p->image_size);
}

/* No update is decided between the claim of the thread's slot and its first stop. */
static void begin_parts(struct dsu_thread *t)
{
	const struct dsu_ledger *l = dsu_ledger;

	for (uint32_t top = l->top; top; top = l->patches[top - 1].below)
		dsu_thread_part_begin(t, &l->patches[top - 1]);
}

struct birth {
	void *(*start)(void *);
	void *arg;
	int slot;
	struct dsu_chunk *scratch;
	size_t stack;
};

static void *begin(void *p)
{
	struct dsu_thread *t = &dsu_thread;
	struct birth b = *(struct birth *)p;

	free(p);
	t->start = b.start;
	t->arg = b.arg;
	t->slot = b.slot;
	t->scratch = b.scratch;
	t->stack_limit = b.stack / 2;
	dsu_signals_init(t);
	begin_parts(t);
	dsu_thread_begin(t);
	dsu_slot_begin(t);
	return dsu_base(t, NULL);
}

static size_t stack_size(const pthread_attr_t *attr)
{
	size_t size = 0;
	pthread_attr_t usual;

	if (attr)
		pthread_attr_getstacksize(attr, &size);
	else if (!pthread_getattr_default_np(&usual)) {
		pthread_attr_getstacksize(&usual, &size);
		pthread_attr_destroy(&usual);
	}
	return size;
}

/* 0: no memory. */
static struct birth *prepare(const pthread_attr_t *attr, void *(*start)(void *), void *arg)
{
	struct birth *b = malloc(sizeof *b);

	if (!b)
		return NULL;
	b->scratch = dsu_chunk_get(DSU_SCRATCH_THREAD);
	if (!b->scratch) {
		free(b);
		return NULL;
	}
	b->start = start;
	b->arg = arg;
	b->stack = stack_size(attr);
	b->slot = dsu_slot_claim(dsu_slot);
	__atomic_add_fetch(&dsu_living, 1, __ATOMIC_SEQ_CST);
	return b;
}

int dsu_sys_pthread_create(
	pthread_t *to, const pthread_attr_t *attr, void *(*start)(void *), void *arg)
{
	struct birth *b;
	int r;

	if (dsu_off || !dsu_block || dsu_slot < 0)
		return pthread_create(to, attr, start, arg);
	dsu_threaded = 1;
	b = prepare(attr, start, arg);
	if (!b)
		return EAGAIN;
	r = pthread_create(to, attr, begin, b);
	if (r) {
		__atomic_sub_fetch(&dsu_living, 1, __ATOMIC_SEQ_CST);
		dsu_slot_leave(b->slot);
		dsu_chunk_put(b->scratch);
		free(b);
	}
	return r;
}
