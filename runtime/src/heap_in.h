/* heap_in.h - what heap.c and heap_threads.c know of glibc's chunks. */
#ifndef DSU_HEAP_IN_H
#define DSU_HEAP_IN_H

#include "heap.h"

#define DSU_GRANULE    16UL
#define DSU_CHUNK_HEAD 16L /* from a chunk's start to its block */

/* A piece of memory full of blocks; a table with an entry for each granule. */
struct dsu_area {
	char *low, *high;
	uint32_t *table;
};

/* The word in front of a block; without its flags it is the way to the next. */
static inline size_t dsu_chunk_word(const char *block)
{
	return ((const size_t *)(const void *)block)[-1];
}

static inline size_t dsu_chunk_size(const char *block)
{
	return dsu_chunk_word(block) & ~7UL;
}

/* Is the chunk before it in use? */
static inline int dsu_before_in_use(const char *block)
{
	return (int)(dsu_chunk_word(block) & 1);
}

/* heap.c: enters all blocks from the first on; 0: no memory for the table. */
DSU_HIDDEN int dsu_heap_tabulate(struct dsu_area *a, char *first);

/* heap_threads.c */
DSU_HIDDEN void dsu_heap_threads_begin(void);
/* The heap that `p` lies in, or where it would if there were one; null: there is none. */
DSU_HIDDEN struct dsu_area *dsu_heap_of_thread(const char *p, void *(*take)(size_t));

#endif
