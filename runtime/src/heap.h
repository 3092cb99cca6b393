/* heap.h - which blocks of memory the program has allocated, as an update sees them. */
#ifndef DSU_HEAP_H
#define DSU_HEAP_H

#include "internal.h"

/* An allocated block. `index`: what dsu_heap_own() has written, 0 if nothing. */
struct dsu_heap_block {
	char *at;
	size_t size;
	uint32_t index;
	uint32_t slack; /* bytes, at most, that nobody asked for; they are zero */
};

/*
 * A block of glibc's has up to DSU_USUAL bytes more than was asked for, all of them zero. It has more
 * where it has taken what would have been left of a larger free one and was too little to be a block:
 * then its last word, which is no address and nothing that a program would write, says how many.
 */
#define DSU_USUAL  24
#define DSU_UNUSED 0xd50b9e3779b90000UL

/* How many bytes of a block, at most as long as `size`, that word says to be nobody's. */
static inline size_t dsu_heap_unused(const char *block, size_t size)
{
	size_t word = *(const size_t *)(const void *)(block + size - sizeof word);
	size_t n = word ^ DSU_UNUSED;

	return n >= DSU_USUAL && n <= DSU_USUAL + 16 && n <= size ? n : 0;
}

/* The bytes of a block, by the word in front of it: the allocator's, or a pool's. */
static inline size_t dsu_heap_size(const void *block)
{
	size_t word = ((const size_t *)block)[-1];

	return (word & ~7UL) - (word & 2 ? 2 : 1) * sizeof(size_t);
}

/* heap.c; memory of an update comes from `take`, which gives zeroed memory or null */
DSU_HIDDEN void dsu_heap_init(void);
DSU_HIDDEN int dsu_heap_look(void *(*take)(size_t), int may_map, size_t *nblocks);
DSU_HIDDEN int dsu_heap_find(char *p, struct dsu_heap_block *block);
DSU_HIDDEN int dsu_heap_knows(const char *p);
DSU_HIDDEN int dsu_heap_find_mapped(char *p, struct dsu_heap_block *block);
DSU_HIDDEN void dsu_heap_own(const struct dsu_heap_block *block, uint32_t index);

/* xform_memory.c: zeroed memory from the kernel, or null */
DSU_HIDDEN void *dsu_map_fresh(size_t size);
/* Can the byte at p be read? */
DSU_HIDDEN int dsu_readable(const char *p);

/* pool.c: blocks that an update has made; the program frees them like any other */
DSU_HIDDEN int dsu_pool_open(size_t size, int may_map);
DSU_HIDDEN void *dsu_pool_take(size_t size);
DSU_HIDDEN void dsu_pool_keep(void);
DSU_HIDDEN void dsu_pool_drop(void);
DSU_HIDDEN int dsu_pool_area(unsigned i, char **low, char **high);
DSU_HIDDEN int dsu_pool_next(char **at, char **block, size_t *size);
DSU_HIDDEN int dsu_pool_owns(const void *p);
DSU_HIDDEN void dsu_pool_free(void *p);

#endif
