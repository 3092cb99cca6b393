/*
 * sysw_heap.c - the allocator as compiled programs call it.
 *
 * Two things are added, a few instructions each. A block is as large as its size class, and the
 * bytes that nobody asked for are zeroed: at an update a block's size then tells how many objects
 * are in it, and a place that is none holds no pointer. And what an update has moved is freed where
 * it lies (pool.c).
 */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "heap.h"

extern DSU_EXPORT __typeof__(malloc) dsu_sys_malloc;
extern DSU_EXPORT __typeof__(calloc) dsu_sys_calloc;
extern DSU_EXPORT __typeof__(realloc) dsu_sys_realloc;
extern DSU_EXPORT __typeof__(reallocarray) dsu_sys_reallocarray;
extern DSU_EXPORT __typeof__(free) dsu_sys_free;
extern DSU_EXPORT __typeof__(posix_memalign) dsu_sys_posix_memalign;
extern DSU_EXPORT __typeof__(aligned_alloc) dsu_sys_aligned_alloc;
extern DSU_EXPORT __typeof__(memalign) dsu_sys_memalign;
extern DSU_EXPORT __typeof__(malloc_usable_size) dsu_sys_malloc_usable_size;

/* Volatile: gcc knows that nobody may look at what malloc() has not given. */
static inline void *padded(void *p, size_t n)
{
	volatile char *at = p;

	if (p)
		for (size_t end = malloc_usable_size(p); n < end; n++)
			at[n] = 0;
	return p;
}

/* The last 24 bytes hold all that nobody asked for, and nothing yet that anybody has written. */
void *dsu_sys_malloc(size_t n)
{
	char *p = malloc(n);

	if (p)
		memset(p + malloc_usable_size(p) - 24, 0, 24);
	return p;
}

void *dsu_sys_calloc(size_t n, size_t size)
{
	char *p = calloc(n, size);

	if (p)
		memset(p + malloc_usable_size(p) - 24, 0, 24);
	return p;
}

static void *moved(void *p, size_t n)
{
	void *to = dsu_sys_malloc(n);
	size_t had = dsu_heap_size(p);

	if (!to)
		return NULL;
	memcpy(to, p, had < n ? had : n);
	dsu_pool_free(p);
	return to;
}

void *dsu_sys_realloc(void *p, size_t n)
{
	if (p && dsu_pool_owns(p))
		return moved(p, n);
	return padded(realloc(p, n), n);
}

void *dsu_sys_reallocarray(void *p, size_t n, size_t size)
{
	if (p && dsu_pool_owns(p) && !(size && n > (size_t)-1 / size))
		return moved(p, n * size);
	return padded(reallocarray(p, n, size), n * size);
}

void dsu_sys_free(void *p)
{
	if (p && dsu_pool_owns(p))
		dsu_pool_free(p);
	else
		free(p);
}

int dsu_sys_posix_memalign(void **p, size_t align, size_t n)
{
	int r = posix_memalign(p, align, n);

	if (!r)
		padded(*p, n);
	return r;
}

void *dsu_sys_aligned_alloc(size_t align, size_t n)
{
	return padded(aligned_alloc(align, n), n);
}

void *dsu_sys_memalign(size_t align, size_t n)
{
	return padded(memalign(align, n), n);
}

size_t dsu_sys_malloc_usable_size(void *p)
{
	return p && dsu_pool_owns(p) ? dsu_heap_size(p) : malloc_usable_size(p);
}
