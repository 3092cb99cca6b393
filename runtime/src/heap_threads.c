/*
 * heap_threads.c - the heaps that glibc makes for threads other than the first.
 *
 * Each is a piece of HEAP bytes at a multiple of HEAP, whose head says how much of it is in use and
 * which arena it belongs to; the arena lies in the first of its heaps. A heap is looked for when a
 * pointer leads into its piece. Where its first chunk begins depends on glibc's version: it is where
 * a chain of chunks begins that fit together all the way to the end.
 */
#include "heap_in.h"

#define HEAP   (64UL << 20)
#define LEAST  (4 * sizeof(size_t)) /* of a heap's head, in all versions */
#define MOST   8192UL               /* of head and arena together */
#define PIECES 4096UL               /* a power of two */

struct head {
	char *arena;
	struct head *before;
	size_t size;
};

static struct dsu_area *pieces; /* by number; `low` is set where one has been looked at */

void dsu_heap_threads_begin(void)
{
	pieces = NULL;
}

static struct head *head_of(const char *p)
{
	return (struct head *)((uintptr_t)p & ~(HEAP - 1));
}

/* Does the arena lie behind the head of a heap that says that it is the arena's? */
static int is_head(const struct head *h)
{
	const struct head *of;

	if (!dsu_readable((const char *)h) || h->size < 4096 || h->size > HEAP || h->size % 4096)
		return 0;
	of = head_of(h->arena);
	return (of == h || dsu_readable((const char *)of)) && of->arena == h->arena &&
	       h->arena - (char *)of >= (long)LEAST && h->arena - (char *)of <= (long)MOST;
}

/* Chunks one after the other, each of which agrees with the next, up to the end of the heap. */
static int is_chain(const char *block, const char *end)
{
	for (;;) {
		size_t size = dsu_chunk_size(block);

		if (block + size == end + DSU_CHUNK_HEAD)
			return 1;
		if (size <
			2 * DSU_GRANULE) /* what is left behind the last where another heap goes on */
			return end - block <= 2 * (long)DSU_GRANULE;
		if (size % DSU_GRANULE || size > (size_t)(end - block))
			return 0;
		block += size;
		if (!dsu_before_in_use(block) && ((const size_t *)(const void *)block)[-2] != size)
			return 0;
	}
}

static char *first_block(char *heap, const char *end)
{
	for (char *b = heap + LEAST + DSU_CHUNK_HEAD; b < heap + MOST && b < end; b += DSU_GRANULE)
		if (dsu_before_in_use(b) && is_chain(b, end))
			return b;
	return NULL;
}

/* The piece's place in the table; null: no memory, or too many of them. */
static struct dsu_area *place(const struct head *h, void *(*take)(size_t))
{
	size_t i = (uintptr_t)h / HEAP;

	if (!pieces)
		pieces = take(PIECES * sizeof *pieces);
	for (size_t n = 0; pieces && n < PIECES; n++, i++) {
		struct dsu_area *a = &pieces[i & (PIECES - 1)];

		if (!a->low || head_of(a->low) == h)
			return a;
	}
	return NULL;
}

struct dsu_area *dsu_heap_of_thread(const char *p, void *(*take)(size_t))
{
	struct head *h = head_of(p);
	struct dsu_area *a = h ? place(h, take) : NULL;
	char *first;

	if (!a || a->low)
		return a && a->table ? a : NULL;
	a->low = a->high = (char *)h;
	if (!is_head(h))
		return NULL;
	first = first_block((char *)h, (char *)h + h->size);
	if (!first)
		return NULL;
	a->high += h->size;
	return dsu_heap_tabulate(a, first) ? a : NULL;
}
