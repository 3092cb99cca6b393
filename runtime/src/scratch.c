/*
 * scratch.c - memory for an update in progress.
 *
 * Mapped at start, since a sandboxed process may not map anything later; more is mapped only when
 * a stack does not fit, and unmapped at the next update. Bump allocation, freed all at once.
 */
#include <sys/mman.h>

#include "internal.h"

#define FIRST (16UL << 20)
#define ALIGN 16UL

static struct dsu_chunk *chunk(size_t size)
{
	struct dsu_chunk *c = mmap(NULL, size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (c == MAP_FAILED)
		return NULL;
	c->size = size;
	c->used = (sizeof *c + ALIGN - 1) & ~(ALIGN - 1);
	return c;
}

void dsu_scratch_init(struct dsu_thread *t)
{
	t->scratch = chunk(FIRST);
	if (!t->scratch)
		dsu_die("no memory for the runtime's %lu MiB of scratch space", FIRST >> 20);
}

void *dsu_scratch(struct dsu_thread *t, size_t n)
{
	struct dsu_chunk *c = t->scratch;
	void *p;

	n = (n + ALIGN - 1) & ~(ALIGN - 1);
	if (c->size - c->used < n) {
		c = chunk((n + 4096 > FIRST ? n + 4096 : FIRST));
		if (!c)
			dsu_die("no memory to take a stack apart");
		c->next = t->scratch;
		t->scratch = c;
	}
	p = (char *)c + c->used;
	c->used += n;
	return p;
}

/* Keeps the first chunk. */
void dsu_scratch_reset(struct dsu_thread *t)
{
	struct dsu_chunk *c;

	while ((c = t->scratch)->next) {
		t->scratch = c->next;
		munmap(c, c->size);
	}
	c->used = (sizeof *c + ALIGN - 1) & ~(ALIGN - 1);
}
