/*
 * xform_stays.c - objects that have lost, or got back, nothing but their end.
 *
 * A `void *` may lead to a block that could be one. What both versions have of it lies where it lay, so
 * it may stay where it is, with its pointers redirected: if it is something else, no harm is done. What
 * the new version does not know of is still there when the old one comes back.
 *
 * From then on the block is larger than its type says, and a later update that changes that type would
 * not see what it is. So sizes of blocks that have been left are kept, by the type's name.
 */
#include "xform_in.h"

#define LEFT 64

static struct left {
	uint64_t name;
	size_t size;
} left[LEFT];
static unsigned nleft;

/* A patch's own text may be gone by the next update: names that are alike only make us careful. */
static uint64_t hash_of(const char *name)
{
	uint64_t h = 14695981039346656037UL;

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * 1099511628211UL;
	return h;
}

int dsu_was_left(const struct dsu_type *type, const struct dsu_heap_block *b)
{
	for (unsigned i = 0; i < nleft; i++)
		if (left[i].size == b->size && left[i].name == hash_of(type->name))
			return 1;
	return 0;
}

static int leave(const struct dsu_type *type, const struct dsu_heap_block *b)
{
	if (dsu_was_left(type, b))
		return 1;
	if (nleft == LEFT)
		return 0;
	left[nleft++] = (struct left){hash_of(type->name), b->size};
	return 1;
}

/* The only one of the suspected types that the block may be; null: none, or several. */
static const struct dsu_type *only_suspect(const struct dsu_heap_block *b)
{
	const struct dsu_types *types = &dsu_x.p->types;
	const struct dsu_type *only = NULL;

	for (unsigned i = 0; i < types->nsuspects; i++) {
		const struct dsu_type *t = types->suspects[i];

		if (!t || !(dsu_fits(t, b) || dsu_was_left(t, b)))
			continue;
		if (only)
			return NULL;
		only = t;
	}
	return only;
}

/* One object, with room for the other version's: its pointers are redirected, it stays. */
const struct dsu_type *dsu_stays_as(const struct dsu_heap_block *b)
{
	const struct dsu_type *t = only_suspect(b);
	struct dsu_type *as;

	if (!t || !(t->flags & DSU_ENDS) || dsu_shared_size(b->at))
		return NULL;
	if (b->size >= 2UL * t->size || b->size < t->to->size || !leave(t, b))
		return NULL;
	as = dsu_xform_take(sizeof *as);
	if (!as)
		return NULL;
	*as = *t;
	as->to = NULL;
	as->convert = NULL;
	return as;
}
