/* xform_convert.c - new objects for those of changed types, in fresh memory. */
#include <string.h>

#include "own.h"
#include "shared.h"
#include "trap.h"
#include "xform_in.h"

/* Code of the patch, and of its user. */
const char *dsu_transform(
	const struct dsu_type *type, const char *from, char *to, unsigned long size)
{
	const char *why;

	dsu_x.converts = type->name;
	why = type->convert(from, to, size);
	dsu_x.converts = NULL;
	return why;
}

/* The new size of an object of a changed type in the heap; of those in shared memory, what fits. */
size_t dsu_new_size(const struct dsu_object *o)
{
	const struct dsu_type *type = o->type, *to = type->to;
	const struct dsu_part *a, *b;
	size_t size = dsu_size_of(o);

	if (dsu_is_shared(o)) {
		size_t n = size / type->size, room = size / to->size;

		return (n < room ? n : room) * to->size;
	}

	if (!dsu_has_tail(type))
		return size / type->size * to->size;
	a = &type->parts[type->nparts - 1];
	b = &to->parts[to->nparts - 1];
	if (size <= a->offset || !dsu_has_tail(to))
		return to->size;
	return b->offset + (size - a->offset) / a->stride * b->stride + b->stride;
}

static int make_room(void)
{
	size_t all = 0;

	for (size_t i = dsu_x.nvariables; i < dsu_x.n; i++)
		if (dsu_x.objects[i].type->to && !dsu_is_shared(&dsu_x.objects[i]))
			all += dsu_new_size(&dsu_x.objects[i]) + 32;
	if (!all)
		return 1;
	dsu_x.pool_open = dsu_pool_open(all, dsu_x.may_map);
	return dsu_x.pool_open ? 1 : dsu_xform_no_memory();
}

/* One object to convert: what dsu_transform() is given, and what it gives. */
struct conversion {
	const struct dsu_type *type;
	const char *from;
	char *to;
	unsigned long size;
	const char *why;
};

static void convert_one(void *data)
{
	struct conversion *c = data;

	c->why = dsu_transform(c->type, c->from, c->to, c->size);
}

static int is_zero(const char *at, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (at[i])
			return 0;
	return 1;
}

/*
 * A block may be larger than what was asked for, by bytes that are zero: does an object that begins
 * there not exist? If it cannot be converted, it is none.
 */
static int may_be_none(const char *at, size_t size, size_t left, size_t slack)
{
	return left <= slack && is_zero(at, size);
}

/* `size` bytes of objects. */
static int convert(struct dsu_object *o, size_t size)
{
	const struct dsu_type *type = o->type;
	size_t each = dsu_has_tail(type) ? size : type->size, n = size / each;
	struct conversion c = {
		type, dsu_bytes_of(o), o->to, dsu_in_heap(o) ? each | DSU_ROOMY : each, NULL};
	struct dsu_heap_block b = {.slack = 0};

	if (dsu_in_heap(o) && n > 1)
		dsu_find_object(o->at, &b);
	for (size_t i = 0; i < n; i++, c.from += each, c.to += type->to->size) {
		if (i && may_be_none(c.from, each, size - i * each, b.slack)) {
			if (dsu_trap_part(convert_one, &c) || c.why)
				memset(c.to, 0, type->to->size);
			continue;
		}
		convert_one(&c);
		if (c.why)
			return dsu_xform_fail(c.why, type->name, NULL);
	}
	return 1;
}

/* What lies in shared memory stays there, and its new bytes are made aside; all of its pages. */
static int convert_shared(struct dsu_object *o)
{
	size_t size = dsu_size_of(o), fits;

	o->to = dsu_xform_take(size);
	if (!o->to)
		return dsu_xform_no_memory();
	dsu_shared_becomes(o->at, o->to);
	if (!o->type->to) {
		memcpy(o->to, o->at, size);
		return 1;
	}
	if (dsu_has_tail(o->type))
		return dsu_xform_fail(
			"it has no end, and lies in shared memory", o->type->name, NULL);
	fits = dsu_new_size(o) / o->type->to->size * o->type->size;
	if (!is_zero(o->at + fits, size - fits))
		return dsu_xform_fail(
			"shared memory has no room for what it becomes", o->type->name, NULL);
	return convert(o, fits);
}

int dsu_convert(void)
{
	if (!make_room())
		return 0;
	for (size_t i = 0; i < dsu_x.n; i++) {
		struct dsu_object *o = &dsu_x.objects[i];

		if (dsu_is_shared(o)) {
			if (!convert_shared(o))
				return 0;
			continue;
		}
		if (!o->type->to || (!dsu_in_heap(o) && dsu_variable_of(o)->done))
			continue;
		if (dsu_in_heap(o)) {
			size_t size = dsu_new_size(o);

			o->to = dsu_own_size(o->at) ? dsu_own_replace(o->at, size)
						    : dsu_pool_take(size);
			if (!o->to)
				return dsu_xform_no_memory();
		}
		if (!convert(o, dsu_size_of(o)))
			return 0;
	}
	return 1;
}
