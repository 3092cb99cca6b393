/*
 * pool.c - blocks that an update has made in place of the program's own.
 *
 * An update may not call the program's allocator: in a sandbox that could be the system call that
 * kills it. So what has moved lies in pools, and the wrapper of free() knows them by their address.
 * A block that is freed stays where it is until its pool is empty. Where a process may map no
 * memory, the pool is what the arena's private half has left.
 */
#include <string.h>
#include <sys/mman.h>

#include "family.h"
#include "heap.h"

#define POOLS 64
#define ALIGN 16UL

/* The second word is as in front of the allocator's own blocks: see dsu_heap_size(). */
struct header {
	size_t live;
	size_t size; /* of the bytes that follow and one word, and a flag */
};

struct pool {
	char *low, *high, *end; /* in use up to `high` */
	size_t live;
	int mapped;
};

static struct pool pools[POOLS];
static unsigned npools; /* one more is being filled from dsu_pool_open() to dsu_pool_keep() */
static char *reserve_high;

/* The upper end of the arena's private half; patches take it from below. */
static char *reserved(size_t size)
{
	const struct dsu_ledger *b = dsu_ledger;
	char *low, *high;

	if (!b)
		return NULL;
	low = (char *)(b->arena + b->arena_size + b->arena_used + DSU_PATCH_DATA / 4);
	high = reserve_high ? reserve_high : (char *)(b->arena + b->arena_size + DSU_PATCH_DATA);
	return low < high && (size_t)(high - low) >= size ? high - size : NULL;
}

int dsu_pool_open(size_t size, int may_map)
{
	struct pool *p = &pools[npools];

	if (npools == POOLS)
		return 0;
	size = (size + ALIGN + 4095) & ~4095UL; /* one past the end of the last is nobody else's */
	memset(p, 0, sizeof *p);
	p->mapped = may_map;
	p->low = may_map ? dsu_map_fresh(size) : reserved(size);
	if (!p->low)
		return 0;
	if (!may_map)
		memset(p->low, 0, size); /* an update that went back may have used it */
	p->high = p->low;
	p->end = p->low + size;
	return 1;
}

void *dsu_pool_take(size_t size)
{
	struct pool *p = &pools[npools];
	struct header *h = (struct header *)(void *)p->high;

	size = (size + ALIGN - 1) & ~(ALIGN - 1);
	if ((size_t)(p->end - p->high) < sizeof *h + size)
		return NULL;
	h->size = (size + sizeof(size_t)) | 1;
	h->live = 1;
	p->high += sizeof *h + size;
	p->live++;
	return h + 1;
}

void dsu_pool_keep(void)
{
	if (!pools[npools].mapped)
		reserve_high = pools[npools].low;
	npools++;
}

void dsu_pool_drop(void)
{
	struct pool *p = &pools[npools];

	if (p->mapped)
		munmap(p->low, (size_t)(p->end - p->low));
}

/* The i-th pool that has blocks. */
int dsu_pool_area(unsigned i, char **low, char **high)
{
	if (i >= npools)
		return 0;
	*low = pools[i].low;
	*high = pools[i].high;
	return 1;
}

/* The block at `*at`, and where the next one begins; 0: it has been freed. */
int dsu_pool_next(char **at, char **block, size_t *size)
{
	const struct header *h = (const struct header *)(void *)*at;

	*block = *at + sizeof *h;
	*size = dsu_heap_size(*block);
	*at = *block + *size;
	return h->live != 0;
}

int dsu_pool_owns(const void *p)
{
	for (unsigned i = 0; i < npools; i++)
		if ((const char *)p >= pools[i].low && (const char *)p < pools[i].high)
			return 1;
	return 0;
}

/* An empty pool gives its pages back, not its addresses: a system call is for dsuctl's time only. */
void dsu_pool_free(void *p)
{
	struct header *h = (struct header *)p - 1;

	h->live = 0;
}
