/* xform_find.c - the object at an address. */
#include <stdlib.h>
#include <string.h>

#include "own.h"
#include "shared.h"
#include "xform_in.h"

size_t dsu_block_size(const char *at)
{
	size_t own = dsu_own_size(at), shared = own ? 0 : dsu_shared_size(at);

	return own ? own : shared ? shared : dsu_heap_size(at);
}

static int by_address(const void *a, const void *b)
{
	const char *p = dsu_x.objects[*(const uint32_t *)a].at,
		   *q = dsu_x.objects[*(const uint32_t *)b].at;

	return (p > q) - (p < q);
}

/* In place, without memory of its own: qsort() may allocate. */
static void sift(size_t at, size_t n)
{
	for (size_t child; (child = 2 * at + 1) < n; at = child) {
		uint32_t kept = dsu_x.order[at];

		if (child + 1 < n && by_address(&dsu_x.order[child], &dsu_x.order[child + 1]) < 0)
			child++;
		if (by_address(&dsu_x.order[at], &dsu_x.order[child]) >= 0)
			return;
		dsu_x.order[at] = dsu_x.order[child];
		dsu_x.order[child] = kept;
	}
}

void dsu_sort_variables(void)
{
	for (size_t i = 0; i < dsu_x.n; i++)
		if (dsu_x.objects[i].at)
			dsu_x.order[dsu_x.norder++] = (uint32_t)i;
	for (size_t i = dsu_x.norder / 2; i-- > 0;)
		sift(i, dsu_x.norder);
	for (size_t n = dsu_x.norder; n-- > 1;) {
		uint32_t largest = dsu_x.order[0];

		dsu_x.order[0] = dsu_x.order[n];
		dsu_x.order[n] = largest;
		sift(0, n);
	}
}

static struct dsu_object *outside_heap(const char *p)
{
	size_t low = 0, high = dsu_x.norder;
	struct dsu_object *o;

	while (low < high) { /* the first that begins behind p */
		size_t mid = (low + high) / 2;

		if (dsu_x.objects[dsu_x.order[mid]].at > p)
			high = mid;
		else
			low = mid + 1;
	}
	if (!low)
		return NULL;
	o = &dsu_x.objects[dsu_x.order[low - 1]];
	return p <= o->at + dsu_variable_of(o)->size ? o : NULL;
}

/* The variable that ends where another begins. */
static struct dsu_object *ends_at(const char *p)
{
	struct dsu_object *o = outside_heap(p - 1);

	return o && o->at + dsu_variable_of(o)->size == p ? o : NULL;
}

/* Is there what a pointer says, at offset `off`? One to numbers or bytes says its type's name alone. */
static int agrees(const struct dsu_object *o, size_t off, const struct dsu_part *part)
{
	if (part->type)
		return dsu_contains(o->type, dsu_size_of(o), off, part->type);
	return off ? dsu_ends_with(o->type, part->of)
		   : !o->type->to || dsu_means(part->of, o->type) ||
			       dsu_begins_with(o->type, part->of);
}

struct dsu_object *dsu_object_for(
	char *p, const struct dsu_part *part, struct dsu_heap_block *block)
{
	struct dsu_object *o = dsu_find_object(p, block), *before;

	if (!o || p != o->at || dsu_in_heap(o))
		return o;
	before = ends_at(p);
	/* What stays cannot begin with what changes. */
	if (!(before && !o->type->to && dsu_ends_with_changed(before->type, part->of)) &&
		agrees(o, 0, part))
		return o;
	return before && agrees(before, (size_t)(p - before->at), part) ? before : o;
}

/* The object that p points into or one past the end of; or the block that nobody owns yet. */
struct dsu_object *dsu_find_object(char *p, struct dsu_heap_block *block)
{
	block->at = NULL;
	if (!dsu_own_find(p, block) && !dsu_shared_find(p, block) && !dsu_heap_find(p, block)) {
		block->at = NULL;
		return outside_heap(p);
	}
	return block->index ? &dsu_x.objects[block->index - 1] : NULL;
}
