/* shared.h - objects in memory that the processes of a family share. */
#ifndef DSU_SHARED_H
#define DSU_SHARED_H

#include "heap.h"

DSU_HIDDEN void dsu_shared_begin(void);

/* The mapping that `p` lies in, if it is one that has been looked at. */
DSU_HIDDEN int dsu_shared_find(char *p, struct dsu_heap_block *block);

/* Looks whether `p` lies in a shared mapping; makes system calls. */
DSU_HIDDEN int dsu_shared_look(char *p, struct dsu_heap_block *block);

/* Notes whose it is. 0: it is no shared mapping. */
DSU_HIDDEN int dsu_shared_keep(const struct dsu_heap_block *block, uint32_t index);

/* Bytes of the mapping that begins at `at`; 0: none does. */
DSU_HIDDEN size_t dsu_shared_size(const char *at);

/* What the mapping that begins at `at` shall hold once it is decided; the bytes stay the caller's. */
DSU_HIDDEN void dsu_shared_becomes(const char *at, const char *bytes);

/* Decided: each mapping is written by one process of the family, before any of them runs on. */
DSU_HIDDEN void dsu_shared_commit(void);

#endif
