/* xform_types.c - what is known of an object by its type, and of a block that may be one. */
#include <string.h>

#include "xform_in.h"

int dsu_same_name(const char *a, const char *b)
{
	return a && b && (a == b || !strcmp(a, b));
}

int dsu_fits(const struct dsu_type *type, const struct dsu_heap_block *b)
{
	if (dsu_has_tail(type))
		return b->size + b->slack >= type->size;
	return b->size >= type->size && b->size % type->size < b->slack;
}

/* Could the block hold what is also kept behind pointers of other types? */
const struct dsu_type *dsu_suspected(const struct dsu_heap_block *b)
{
	for (unsigned i = 0; i < dsu_x.p->types.nsuspects; i++) {
		const struct dsu_type *t = dsu_x.p->types.suspects[i];

		if (t && (dsu_fits(t, b) || dsu_was_left(t, b)))
			return t;
	}
	return NULL;
}

const struct dsu_type *dsu_kind_of(
	const struct dsu_type *type, const char *p, const struct dsu_heap_block *b)
{
	const struct dsu_kind *k = type->kinds;

	if (!k || (size_t)(p - b->at) + type->size > b->size)
		return type;
	while (k->type && !k->is(p))
		k++;
	return k->type ? k->type : type;
}

/* What `T **` leads to: one pointer, which may be a member as well as all of a block. */
int dsu_is_pointer(const struct dsu_type *type)
{
	return type->nparts == 1 && type->parts[0].kind == DSU_POINTER &&
	       type->size == sizeof(void *);
}

/* Is there a pointer like `want` among those of a part, `off` behind its first? */
static int holds_pointer(const struct dsu_part *p, size_t off, const struct dsu_type *want)
{
	return (p->kind & ~DSU_TAIL) == DSU_POINTER && dsu_is_pointer(want) &&
	       off % p->stride == 0 && p->type == want->parts[0].type &&
	       dsu_same_name(p->of, want->parts[0].of);
}

/* The same of the members of one object, `off` not beyond its end. */
static int among_members(
	const struct dsu_type *type, size_t size, size_t off, const struct dsu_type *want)
{
	for (unsigned i = 0; i < type->nparts; i++) {
		const struct dsu_part *p = &type->parts[i];
		size_t end = p->kind & DSU_TAIL ? size : p->offset + (size_t)p->count * p->stride;

		if (off < p->offset || off > end)
			continue;
		if (holds_pointer(p, off - p->offset, want))
			return 1;
		if ((p->kind & ~DSU_TAIL) == DSU_INSIDE &&
			dsu_contains(p->type, end - p->offset, off - p->offset, want))
			return 1;
	}
	return 0;
}

/* Is there an object of the type `want` at offset `off` of one of `type`? */
int dsu_contains(const struct dsu_type *type, size_t size, size_t off, const struct dsu_type *want)
{
	if (type->size && !dsu_has_tail(type)) {
		if (type == want && off % type->size == 0)
			return 1;
		/* One past the end of the last member of what lies in front. */
		if (off && off % type->size == 0 && among_members(type, size, type->size, want))
			return 1;
		if (off >= size)
			off = 0;
		off %= type->size;
	} else if (type == want && off == 0) {
		return 1;
	}
	return among_members(type, size, off, want);
}

static int part(const struct dsu_part *p, char *bytes, size_t size, dsu_visit *visit)
{
	size_t n = p->count;

	if (p->when && !p->when(bytes))
		return 1;
	if (p->kind & DSU_TAIL)
		n = size > p->offset ? (size - p->offset) / p->stride : 0;
	bytes += p->offset;
	if ((p->kind & ~DSU_TAIL) == DSU_POINTER) {
		for (; n; n--, bytes += p->stride)
			if (!visit(p, (char **)(void *)bytes))
				return 0;
	} else if ((p->kind & ~DSU_TAIL) == DSU_INSIDE) {
		for (; n; n--, bytes += p->stride)
			if (!dsu_scan(p->type, bytes, p->stride, visit))
				return 0;
	}
	return 1;
}

/*
 * Several objects in a block each are what their own type says: a pointer to something else leads to a
 * member. One object may have been declared to begin as another does; and what a `void **` leads to
 * may be any pointer.
 */
static int is_seen_as(const struct dsu_type *type, const struct dsu_heap_block *b, size_t off,
	const struct dsu_type *want)
{
	if (dsu_contains(type, b->size, off, want))
		return 1;
	if (dsu_is_pointer(want))
		return dsu_same_name(want->parts[0].of, "void");
	return b->size < 2UL * type->size;
}

int dsu_may_hide(const struct dsu_heap_block *b, size_t off, const struct dsu_type *want)
{
	for (unsigned i = 0; i < dsu_x.p->types.nsuspects; i++) {
		const struct dsu_type *t = dsu_x.p->types.suspects[i];

		if (t && (dsu_was_left(t, b) || (dsu_fits(t, b) && is_seen_as(t, b, off, want))))
			return 1;
	}
	return 0;
}

int dsu_plausible(const struct dsu_type *type, const struct dsu_heap_block *b, size_t off)
{
	if (b->size >= 2UL * type->size && dsu_was_left(type, b))
		return 0;
	return dsu_fits(type, b) &&
	       (type->flags & (DSU_LEADS | DSU_SYSTEM) || b->size < 2UL * type->size ||
		       !dsu_may_hide(b, off, type));
}

/* All pointers of an object, or of the array of objects that fill `size`. */
int dsu_scan(const struct dsu_type *type, char *bytes, size_t size, dsu_visit *visit)
{
	size_t each = dsu_has_tail(type) ? size : type->size;

	for (; each && size >= type->size; bytes += each, size -= each) {
		for (unsigned i = 0; i < type->nparts; i++)
			if (!part(&type->parts[i], bytes, each, visit))
				return 0;
		if (size < each)
			break;
	}
	return 1;
}
