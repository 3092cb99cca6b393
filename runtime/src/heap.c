/*
 * heap.c - the blocks of the program's heap, found in the allocator's own bookkeeping.
 *
 * Nothing is recorded while the program runs. glibc's main heap is one piece whose chunks carry
 * their sizes, so at an update a single pass over them, from a block that was allocated before
 * main(), finds all blocks; a table with an entry for each 16 bytes then tells which block an address
 * lies in. Blocks that glibc has mapped one by one are known by their headers. With any other
 * allocator no block is found, and an update that needs one is refused.
 */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "heap.h"

#define GRANULE  16UL
#define IN_USE   1UL /* of the chunk before */
#define MAPPED   2UL
#define FLAGS    7UL
#define STARTS   0x80000000u /* entry: a block starts here, of so many granules */
#define INSIDE   0x40000000u /* entry: so many granules behind a block's start */
#define NUMBER   0x3fffffffu
#define UNFILLED 16 /* blocks of up to so many granules have an entry at their start only */
#define AREAS    65
#define LARGEST  256 /* mapped blocks */

/* A piece of memory full of blocks. */
struct area {
	char *low, *high;
	uint32_t *table;
};

static size_t key;
static char *first; /* a block that was allocated before all that matter */
static struct area areas[AREAS];
static unsigned nareas;
static struct dsu_heap_block mapped[LARGEST];
static unsigned nmapped;

/* The compiler may not see that nothing but a call is wanted. */
static void *allocate(size_t n)
{
	void *p = malloc(n);

	__asm__ volatile("" : "+r"(p));
	return p;
}

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

static size_t header(const char *block)
{
	return ((const size_t *)(const void *)block)[-1];
}

static void enter(struct area *a, const char *block, size_t size)
{
	size_t at = (size_t)(block - a->low) / GRANULE, n = (size + GRANULE - 1) / GRANULE;

	a->table[at] = STARTS | (uint32_t)n;
	for (size_t i = 1; n > UNFILLED && i < n; i++)
		a->table[at + i] = INSIDE | (uint32_t)i;
}

static int tabulate(struct area *a, void *(*take)(size_t))
{
	a->table = take(((size_t)(a->high - a->low) / GRANULE + 2) * sizeof *a->table);
	return a->table != NULL;
}

/* Where the chain of chunks breaks, somebody else has moved the break: the rest is not known. */
static void look_at_chunks(struct area *a, size_t *n)
{
	char *block = first;

	for (;;) {
		size_t size = header(block) & ~FLAGS;

		if (size < 2 * GRANULE || size % GRANULE || size > (size_t)(a->high - block) ||
			block + size + 8 > a->high)
			break;
		if (header(block + size) & IN_USE &&
			!(key && ((size_t *)(void *)block)[1] == key)) {
			enter(a, block, size - sizeof(size_t));
			++*n;
		}
		block += size;
	}
}

static void look_at_pool(struct area *a, size_t *n)
{
	char *at = a->low, *block;
	size_t size;

	while (at < a->high)
		if (dsu_pool_next(&at, &block, &size)) {
			enter(a, block, size);
			++*n;
		}
}

/*
 * Before an update looks for anything; 0: no memory. A request for a block of more than a kilobyte
 * makes glibc sort small freed blocks in, which look as if they were in use until then.
 */
int dsu_heap_look(void *(*take)(size_t), int may_map, size_t *nblocks)
{
	char *end;

	if (may_map)
		free(allocate(2048));
	end = sbrk(0); /* glibc's own record of it: no system call */
	nareas = nmapped = 0;
	*nblocks = 0;
	if (first && first < end && end - first < 1L << 33 && !(header(first) & MAPPED)) {
		areas[0] = (struct area){first, end, NULL};
		if (!tabulate(&areas[0], take))
			return 0;
		look_at_chunks(&areas[0], nblocks);
		nareas = 1;
	}
	for (unsigned i = 0; nareas < AREAS; i++) {
		struct area *a = &areas[nareas];

		if (!dsu_pool_area(i, &a->low, &a->high))
			break;
		if (!tabulate(a, take))
			return 0;
		look_at_pool(a, nblocks);
		nareas++;
	}
	return 1;
}

static int in_area(const struct area *a, char *p, struct dsu_heap_block *block)
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
	block->slack = 24;
	return p <= block->at + block->size;
}

/* glibc maps a large block by itself: its header lies at the start of a page. */
static int is_mapped(const char *p)
{
	const size_t *h = (const size_t *)(const void *)p - 2;

	return ((uintptr_t)p & 4095) == 2 * sizeof(size_t) && h[0] == 0 && h[1] >> 12 &&
	       (h[1] & 4095) == MAPPED;
}

/*
 * The block that `p` points into or one past the end of. Of blocks mapped by themselves only those
 * are known to whose start a pointer has been found: `p` must be readable then.
 */
int dsu_heap_find(char *p, struct dsu_heap_block *block)
{
	for (unsigned i = 0; i < nareas; i++)
		if (p >= areas[i].low && p < areas[i].high)
			return in_area(&areas[i], p, block);
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
	for (unsigned i = 0; i < nareas; i++)
		if (p >= areas[i].low && p < areas[i].high)
			return 1;
	return 0;
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
	for (unsigned i = 0; i < nareas; i++)
		if (block->at >= areas[i].low && block->at < areas[i].high) {
			areas[i].table[(size_t)(block->at - areas[i].low) / GRANULE] = index;
			return;
		}
	for (unsigned i = 0; i < nmapped; i++)
		if (mapped[i].at == block->at)
			mapped[i].index = index;
}
