/*
 * heap.c - the blocks of the program's heap, found in the allocator's own bookkeeping.
 *
 * Nothing is recorded while the program runs. glibc's main heap is one piece whose chunks carry
 * their sizes, so at an update a single pass over them, from a block that was allocated before
 * main(), finds all blocks; a table with an entry for each 16 bytes then tells which block an address
 * lies in. The heaps of threads are such pieces, too (heap_threads.c). Blocks that glibc has mapped one by one are known by their headers. With any other
 * allocator no block is found, and an update that needs one is refused.
 */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "family.h"
#include "heap_in.h"

#define GRANULE  DSU_GRANULE
#define MAPPED   2UL
#define STARTS   0x80000000u /* entry: a block starts here, of so many granules */
#define INSIDE   0x40000000u /* entry: so many granules behind a block's start */
#define NUMBER   0x3fffffffu
#define UNFILLED 16 /* blocks of up to so many granules have an entry at their start only */
#define AREAS    65
#define LARGEST  256 /* mapped blocks */

static size_t key;
static char *first; /* a block that was allocated before all that matter */
static struct dsu_area areas[AREAS];
static unsigned nareas;
static struct dsu_heap_block mapped[LARGEST];
static unsigned nmapped;
static void *(*take_memory)(size_t);

/* The compiler may not see that nothing but a call is wanted. */
static void *(*volatile allocate)(size_t) = malloc;

/*
 * glibc keeps a few freed blocks aside that look as if they were in use, with a number of its own in
 * their second word. Read from such a block; 0 if this glibc does not do it.
 */
static size_t find_key(void)
{
	size_t found, *p = allocate(24);
	uintptr_t second = (uintptr_t)p + sizeof *p;

	if (!p)
		return 0;
	*(volatile size_t *)second = 0;
	free(p);
	__asm__("" : "+r"(second));
	found = *(volatile size_t *)second;
	p = allocate(24); /* the same, and its key is gone */
	if (*(volatile size_t *)second)
		found = 0;
	free(p);
	return found;
}

void dsu_heap_init(void)
{
	first = malloc(1);
	key = find_key();
}

static void enter(struct dsu_area *a, const char *block, size_t size)
{
	size_t at = (size_t)(block - a->low) / GRANULE, n = (size + GRANULE - 1) / GRANULE;

	a->table[at] = STARTS | (uint32_t)n;
	for (size_t i = 1; n > UNFILLED && i < n; i++)
		a->table[at + i] = INSIDE | (uint32_t)i;
}

static int make_table(struct dsu_area *a)
{
	a->table = take_memory(((size_t)(a->high - a->low) / GRANULE + 2) * sizeof *a->table);
	return a->table != NULL;
}

/* Where the chain of chunks breaks, somebody else has moved the break: the rest is not known. */
static size_t look_at_chunks(struct dsu_area *a, char *block)
{
	size_t n = 0;

	for (;;) {
		size_t size = dsu_chunk_size(block);

		if (size < 2 * GRANULE || size % GRANULE || size > (size_t)(a->high - block) ||
			block + size + 8 > a->high)
			return n;
		if (dsu_before_in_use(block + size) &&
			!(key && ((size_t *)(void *)block)[1] == key)) {
			enter(a, block, size - sizeof(size_t));
			n++;
		}
		block += size;
	}
}

int dsu_heap_tabulate(struct dsu_area *a, char *block)
{
	if (!make_table(a))
		return 0;
	look_at_chunks(a, block);
	return 1;
}

static void look_at_pool(struct dsu_area *a, size_t *n)
{
	char *at = a->low, *block;
	size_t size;

	while (at < a->high - GRANULE)
		if (dsu_pool_next(&at, &block, &size)) {
			enter(a, block, size);
			++*n;
		}
}

/*
 * glibc keeps small freed blocks that look as if they were in use, until it has to give a block of
 * more than a kilobyte: but only those of the asking thread's heap. Those of all are sorted in where
 * memory is given back to the kernel.
 */
static void sort_freed_blocks_in(void)
{
	if (dsu_threaded)
		malloc_trim(0);
	else
		free(allocate(2048));
}

static int look_at_main_heap(size_t *nblocks)
{
	char *end = sbrk(0); /* glibc's own record of it: no system call */
	struct dsu_area *a = &areas[0];

	if (!first || first >= end || end - first >= 1L << 33 || dsu_chunk_word(first) & MAPPED)
		return 1;
	*a = (struct dsu_area){first, end, NULL};
	if (!make_table(a))
		return 0;
	*nblocks = look_at_chunks(a, first);
	nareas = 1;
	return 1;
}

/* Before an update looks for anything; 0: no memory. */
int dsu_heap_look(void *(*take)(size_t), int may_map, size_t *nblocks)
{
	if (may_map)
		sort_freed_blocks_in();
	take_memory = take;
	nareas = nmapped = 0;
	*nblocks = 0;
	dsu_heap_threads_begin();
	if (!look_at_main_heap(nblocks))
		return 0;
	for (unsigned i = 0; nareas < AREAS; i++) {
		struct dsu_area *a = &areas[nareas];

		if (!dsu_pool_area(i, &a->low, &a->high))
			break;
		a->high += GRANULE; /* for pointers one past the end of the last block */
		if (!make_table(a))
			return 0;
		look_at_pool(a, nblocks);
		nareas++;
	}
	return 1;
}

static int in_area(const struct dsu_area *a, char *p, struct dsu_heap_block *block)
{
	size_t at = (size_t)(p - a->low) / GRANULE;
	uint32_t entry;
	int back = 0;

	while (!(entry = a->table[at]) && at && back++ < UNFILLED)
		at--;
	if (entry & INSIDE && !(entry & STARTS)) {
		at -= entry & NUMBER;
		entry = a->table[at];
	}
	if (!entry)
		return 0;
	block->at = a->low + at * GRANULE;
	block->index = entry & STARTS ? 0 : entry;
	block->size = dsu_heap_size(block->at);
	block->size -= dsu_heap_unused(block->at, block->size);
	block->slack = DSU_USUAL;
	return p <= block->at + block->size;
}

/* glibc maps a large block by itself: its header lies at the start of a page. */
static int is_mapped(const char *p)
{
	const size_t *h = (const size_t *)(const void *)p - 2;

	return ((uintptr_t)p & 4095) == 2 * sizeof(size_t) && h[0] == 0 && h[1] >> 12 &&
	       (h[1] & 4095) == MAPPED;
}

static const struct dsu_area *area_of(const char *p)
{
	const struct dsu_area *a;

	for (unsigned i = 0; i < nareas; i++)
		if (p >= areas[i].low && p < areas[i].high)
			return &areas[i];
	a = dsu_heap_of_thread(p, take_memory);
	return a && p < a->high ? a : NULL;
}

/*
 * The block that `p` points into or one past the end of. Of blocks mapped by themselves only those
 * are known to whose start a pointer has been found: `p` must be readable then.
 */
int dsu_heap_find(char *p, struct dsu_heap_block *block)
{
	const struct dsu_area *a = area_of(p);

	if (a)
		return in_area(a, p, block);
	for (unsigned i = 0; i < nmapped; i++)
		if (p >= mapped[i].at && p <= mapped[i].at + mapped[i].size) {
			*block = mapped[i];
			return 1;
		}
	return 0;
}

/* Is it an address of the heap? If it is in no block it leads to what has been freed. */
int dsu_heap_knows(const char *p)
{
	return area_of(p) != NULL;
}

/* Not in any table yet; `p` must be readable. */
int dsu_heap_find_mapped(char *p, struct dsu_heap_block *block)
{
	if (!is_mapped(p) || nmapped == LARGEST)
		return 0;
	*block = (struct dsu_heap_block){p, dsu_heap_size(p), 0, 4096};
	mapped[nmapped++] = *block;
	return 1;
}

/* Notes whose the block is; `index` is not 0 and below 2^30. */
void dsu_heap_own(const struct dsu_heap_block *block, uint32_t index)
{
	const struct dsu_area *a = area_of(block->at);

	if (a)
		a->table[(size_t)(block->at - a->low) / GRANULE] = index;
	for (unsigned i = 0; i < nmapped; i++)
		if (mapped[i].at == block->at)
			mapped[i].index = index;
}
