/*
 * scratch.c - memory for an update in progress.
 *
 * Mapped as a thread begins, since a sandboxed process may not map anything later; more is mapped
 * only when a stack does not fit, and unmapped at the next update. Bump allocation, freed all at
 * once. The first chunks of threads that have ended are kept for those to come.
 */
#include <pthread.h>
#include <sys/mman.h>

#include "internal.h"

#define ALIGN 16UL
#define SPARE 64

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct dsu_chunk *spare;
static int nspare;

static size_t round_up(size_t n)
{
	return (n + ALIGN - 1) & ~(ALIGN - 1);
}

static struct dsu_chunk *chunk(size_t size)
{
	struct dsu_chunk *c = mmap(NULL, size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (c == MAP_FAILED)
		return NULL;
	c->size = c->end = size;
	c->used = round_up(sizeof *c);
	return c;
}

/* A thread's first; null: no memory. */
struct dsu_chunk *dsu_chunk_get(size_t size)
{
	struct dsu_chunk *c = NULL;

	if (size == DSU_SCRATCH_THREAD) {
		pthread_mutex_lock(&lock);
		c = spare;
		if (c) {
			spare = c->next;
			nspare--;
		}
		pthread_mutex_unlock(&lock);
	}
	if (!c)
		return chunk(size);
	c->next = NULL;
	c->end = c->size;
	c->used = round_up(sizeof *c);
	return c;
}

void dsu_chunk_put(struct dsu_chunk *c)
{
	struct dsu_chunk *next;

	for (; c->next; c = next) {
		next = c->next;
		munmap(c, c->size);
	}
	pthread_mutex_lock(&lock);
	if (c->size == DSU_SCRATCH_THREAD && nspare < SPARE) {
		c->next = spare;
		spare = c;
		nspare++;
		c = NULL;
	}
	pthread_mutex_unlock(&lock);
	if (c)
		munmap(c, c->size);
}

void dsu_chunks_forked(void)
{
	pthread_mutex_init(&lock, NULL);
	spare = NULL; /* perhaps half changed; what it held is lost */
	nspare = 0;
}

void *dsu_scratch(struct dsu_thread *t, size_t n)
{
	struct dsu_chunk *c = t->scratch;
	void *p;

	n = round_up(n);
	if (c->end - c->used < n) {
		c = chunk(n + 4096 > DSU_SCRATCH_MAIN ? n + 4096 : DSU_SCRATCH_MAIN);
		if (!c)
			dsu_die("no memory to take a stack apart");
		c->next = t->scratch;
		t->scratch = c;
	}
	p = (char *)c + c->used;
	c->used += n;
	return p;
}

/* For good, at the far end: an update touches as few pages as it can. Only of the first chunk. */
void *dsu_scratch_keep(struct dsu_thread *t, size_t n)
{
	t->scratch->end -= round_up(n);
	return (char *)t->scratch + t->scratch->end;
}

/*
 * Keeps the first chunk; above a handler of a signal, what was there when that came: it may have
 * interrupted a frame that is not all rebuilt.
 */
void dsu_scratch_reset(struct dsu_thread *t)
{
	const struct dsu_base_at *b = &t->bases[t->base];
	struct dsu_chunk *c;

	t->reserved = 0;
	while ((c = t->scratch)->next && c != b->chunk) {
		t->scratch = c->next;
		munmap(c, c->size);
	}
	c->used = c == b->chunk ? b->used : round_up(sizeof *c);
}

/*
 * Of a stack that has been walked: a copy of it, the records of both versions, which hold no more
 * than the frames did and what was in registers, and the homes.
 */
size_t dsu_scratch_needed(const struct dsu_thread *t)
{
	return 3 * t->depth + t->frames * (2 * sizeof(struct dsu_record) + 512) + 65536;
}

/* So that no mapping is needed when the stack is being taken apart. 0: no memory. */
int dsu_scratch_reserve(struct dsu_thread *t, size_t n)
{
	struct dsu_chunk *c;

	dsu_scratch_reset(t);
	t->reserved = 1;
	if (dsu_scratch_left(t) >= n)
		return 1;
	c = chunk(n + 4096);
	if (!c)
		return 0;
	c->next = t->scratch;
	t->scratch = c;
	return 1;
}

/* What can be taken without another mapping. */
size_t dsu_scratch_left(const struct dsu_thread *t)
{
	return t->scratch->end - t->scratch->used;
}
