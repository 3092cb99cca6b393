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

static inline volatile size_t *last_word(char *p, size_t size)
{
	return (volatile size_t *)(void *)(p + size - sizeof(size_t));
}

/* If more bytes are nobody's than usual; what is left of a page is zero. */
static inline void marked(char *p, size_t size, size_t n)
{
	if (__builtin_expect(size - n >= DSU_USUAL && size - n <= DSU_USUAL + 16, 0))
		*last_word(p, size) = DSU_UNUSED ^ (size - n);
}

/* Volatile: gcc knows that nobody may look at what malloc() has not given. */
static inline void *padded(void *p, size_t n)
{
	volatile char *at = p;
	size_t size;

	if (!p)
		return NULL;
	size = malloc_usable_size(p);
	for (size_t i = n; i < size; i++)
		at[i] = 0;
	marked(p, size, n);
	return p;
}

/* The last bytes hold nothing yet that anybody has written, but may what was another block's. */
static inline void *cleared(char *p, size_t n)
{
	size_t size;

	if (!p)
		return NULL;
	size = malloc_usable_size(p);
	memset(p + size - DSU_USUAL, 0, DSU_USUAL);
	marked(p, size, n);
	return p;
}

void *dsu_sys_malloc(size_t n)
{
	return cleared(malloc(n), n);
}

void *dsu_sys_calloc(size_t n, size_t size)
{
	return cleared(calloc(n, size), n * size);
}

/* How much of a block the program may have written to. */
static size_t used(void *p)
{
	size_t size = malloc_usable_size(p);

	return p ? size - dsu_heap_unused(p, size) : 0;
}

/* What follows the first `had` bytes may be a mark, its own or that of a block that was there. */
static void *resized(char *p, size_t had, size_t n)
{
	size_t size = malloc_usable_size(p);

	if (p && size - sizeof(size_t) >= had)
		*last_word(p, size) = 0;
	return padded(p, n);
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
	size_t had;

	if (p && dsu_pool_owns(p))
		return moved(p, n);
	had = used(p);
	return resized(realloc(p, n), had, n);
}

void *dsu_sys_reallocarray(void *p, size_t n, size_t size)
{
	size_t had;

	if (p && dsu_pool_owns(p) && !(size && n > (size_t)-1 / size))
		return moved(p, n * size);
	had = used(p);
	return resized(reallocarray(p, n, size), had, n * size);
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

/* Who asks may use it all. */
size_t dsu_sys_malloc_usable_size(void *p)
{
	size_t size = p && dsu_pool_owns(p) ? dsu_heap_size(p) : malloc_usable_size(p);

	if (p && dsu_heap_unused(p, size))
		*last_word(p, size) = 0;
	return size;
}
