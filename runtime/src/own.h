/* own.h - blocks of the program's own allocators, as the mapping file tells of them. */
#ifndef DSU_OWN_H
#define DSU_OWN_H

#include "heap.h"

/* `take` gives zeroed memory for as long as the update lasts. */
DSU_HIDDEN void dsu_own_begin(const struct dsu_patch *p, void *(*take)(size_t));

DSU_HIDDEN int dsu_own_find(char *p, struct dsu_heap_block *block);

/* Notes whose the block is. 0: it is none of these, or there is no memory. */
DSU_HIDDEN int dsu_own_keep(const struct dsu_heap_block *block, uint32_t index);

/* Bytes of a block that has been noted; 0: it is none of these. */
DSU_HIDDEN size_t dsu_own_size(const char *at);

/* A zeroed block of the same allocator for what was in the noted block `at`; null: it has none. */
DSU_HIDDEN void *dsu_own_replace(const char *at, size_t size);

/* Gives the blocks back that have been replaced, or their replacements. */
DSU_HIDDEN void dsu_own_end(int forward);

#endif
