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

/* heap.c; memory of an update comes from `take`, which gives zeroed memory or null */
DSU_HIDDEN void dsu_heap_init(void);
DSU_HIDDEN int dsu_heap_look(void *(*take)(size_t), size_t *nblocks);
DSU_HIDDEN int dsu_heap_find(char *p, struct dsu_heap_block *block);
DSU_HIDDEN int dsu_heap_find_mapped(char *p, struct dsu_heap_block *block);
DSU_HIDDEN void dsu_heap_own(const struct dsu_heap_block *block, uint32_t index);

/* pool.c: blocks that an update has made; the program frees them like any other */
DSU_HIDDEN int dsu_pool_open(size_t size, int may_map);
DSU_HIDDEN void *dsu_pool_take(size_t size);
DSU_HIDDEN void dsu_pool_keep(void);
DSU_HIDDEN void dsu_pool_drop(void);
DSU_HIDDEN int dsu_pool_area(unsigned i, char **low, char **high);
DSU_HIDDEN int dsu_pool_next(char **at, char **block, size_t *size);
DSU_HIDDEN int dsu_pool_owns(const void *p);
DSU_HIDDEN void dsu_pool_free(void *p);
DSU_HIDDEN size_t dsu_pool_size(const void *p);

#endif
