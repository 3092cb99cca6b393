/*
 * own.c - blocks of the program's own allocators, as the mapping file tells of them.
 *
 * The mapping file's code says in which block an address lies; it is asked before glibc's heap, of
 * whose blocks such an allocator's memory may be made. What has been found is noted in a hash table.
 */
#include <string.h>

#include "own.h"
#include "xform.h"

struct noted {
	char *at, *fresh; /* what replaces it */
	size_t size;
	uint32_t index;
	const struct dsu_allocator *from;
};

static struct {
	const struct dsu_allocator *const *allocators;
	void *(*take)(size_t);
	struct noted *table;
	size_t n, room; /* a power of two */
} own;

void dsu_own_begin(const struct dsu_patch *p, void *(*take)(size_t))
{
	memset(&own, 0, sizeof own);
	own.allocators = p->allocators;
	own.take = take;
}

/* Where it is, or where it would go. */
static struct noted *place(const char *at)
{
	size_t i = ((uintptr_t)at >> 4) * 0x9e3779b97f4a7c15UL >> 20;

	while (own.table[i & (own.room - 1)].at && own.table[i & (own.room - 1)].at != at)
		i++;
	return &own.table[i & (own.room - 1)];
}

static struct noted *noted(const char *at)
{
	struct noted *n = own.n ? place(at) : NULL;

	return n && n->at ? n : NULL;
}

static int grow(void)
{
	struct noted *was = own.table;
	size_t room = own.room, more = room ? 2 * room : 1024;

	if (2 * own.n < room)
		return 1;
	own.table = own.take(more * sizeof *own.table);
	if (!own.table) {
		own.table = was;
		return 0;
	}
	own.room = more;
	for (size_t i = 0; i < room; i++)
		if (was[i].at)
			*place(was[i].at) = was[i];
	return 1;
}

static const struct dsu_allocator *ask(char *p, char **at, unsigned long *size)
{
	const struct dsu_allocator *const *a = own.allocators;

	for (*at = NULL; a && *a; a++) {
		dsu_xform_runs((*a)->name);
		*at = (*a)->block(p, size);
		dsu_xform_runs(NULL);
		if (*at)
			return *a;
	}
	return NULL;
}

int dsu_own_find(char *p, struct dsu_heap_block *block)
{
	unsigned long size = 0;
	const struct noted *n;

	if (!ask(p, &block->at, &size))
		return 0;
	n = noted(block->at);
	block->size = size;
	block->slack = 16;
	block->index = n ? n->index : 0;
	return 1;
}

int dsu_own_keep(const struct dsu_heap_block *block, uint32_t index)
{
	unsigned long size = 0;
	char *at;
	const struct dsu_allocator *a = ask(block->at, &at, &size);
	struct noted *n;

	if (!a || !grow())
		return 0;
	n = place(at);
	own.n += !n->at;
	*n = (struct noted){at, NULL, size, index, a};
	return 1;
}

size_t dsu_own_size(const char *at)
{
	const struct noted *n = noted(at);

	return n ? n->size : 0;
}

void *dsu_own_replace(const char *at, size_t size)
{
	struct noted *n = noted(at);

	if (!n)
		return NULL;
	dsu_xform_runs(n->from->name);
	n->fresh = n->from->allocate(n->at, size);
	dsu_xform_runs(NULL);
	return n->fresh ? memset(n->fresh, 0, size) : NULL;
}

void dsu_own_end(int forward)
{
	for (size_t i = 0; i < own.room; i++) {
		const struct noted *n = &own.table[i];

		if (n->fresh && n->from->release)
			n->from->release(forward ? n->at : n->fresh);
	}
	memset(&own, 0, sizeof own);
}
