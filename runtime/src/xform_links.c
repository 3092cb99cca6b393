/*
 * xform_links.c - what a pointer to a link leads to, where links lie inside of what they link.
 *
 * A `struct list_head *` says nothing of what the list holds: that is known by the block. Only what has
 * such a link at that place, and is as large as the block, can be there; if that is one type alone it is
 * this. Otherwise the mapping file has to say what the list holds. Looked at when everything has been
 * found that pointers which name their type lead to.
 */
#include <stdio.h>
#include <string.h>

#include "xform_in.h"

/* Where a pointer stands, beneath the object that it is in. */
struct spot {
	const struct dsu_type *within; /* the innermost object around it */
	size_t at;                     /* where in the outermost one that begins */
	const struct dsu_type *const *links;
	const struct dsu_type *owner; /* whose member the list is, for people */
	const char *member;
};

static const struct dsu_part *part_at(const struct dsu_type *type, size_t size, size_t off)
{
	for (unsigned i = 0; i < type->nparts; i++) {
		const struct dsu_part *p = &type->parts[i];
		size_t end = p->kind & DSU_TAIL ? size : p->offset + (size_t)p->count * p->stride;

		if ((p->kind & ~DSU_TAIL) != DSU_BYTES && off >= p->offset && off < end)
			return p;
	}
	return NULL;
}

static size_t within_one(const struct dsu_type *type, size_t off)
{
	return type->size && !dsu_has_tail(type) ? off % type->size : off;
}

static struct spot spot_of(const struct dsu_doubt *d)
{
	const struct dsu_object *o = &dsu_x.objects[d->object];
	const struct dsu_type *type = o->type;
	size_t size = dsu_size_of(o), off = within_one(type, d->at);
	struct spot s = {type, d->at - off, NULL, NULL, NULL};
	const struct dsu_part *p;

	while ((p = part_at(type, size, off))) {
		if (p->links)
			s.links = p->links;
		if (!s.owner || (type->nparts > 1 && !(type->flags & DSU_LINK))) {
			s.owner = type;
			s.member = p->name;
		}
		if ((p->kind & ~DSU_TAIL) == DSU_POINTER)
			break;
		off = (off - p->offset) % p->stride;
		s.within = type = p->type;
		s.at = d->at - off;
		size = p->stride;
	}
	return s;
}

/* `n` bytes of the program's at `p`, wherever they are kept meanwhile; null: there are none. */
static const char *bytes_at(char *p, size_t n)
{
	struct dsu_heap_block b;
	const struct dsu_object *o = dsu_find_object(p, &b);

	if (o)
		return (size_t)(p - o->at) + n <= dsu_size_of(o) ? dsu_bytes_of(o) + (p - o->at)
								 : NULL;
	return b.at && (size_t)(p - b.at) + n <= b.size ? p : NULL;
}

/* Does a link lie there? Not where it ends: dsu_contains() takes pointers one past the end, too. */
static int lies_at(
	const struct dsu_type *type, size_t size, size_t off, const struct dsu_type *link)
{
	const struct dsu_part *p;

	for (off = within_one(type, off); type != link || off; type = p->type, size = p->stride) {
		p = part_at(type, size, off);
		if (!p || (p->kind & ~DSU_TAIL) != DSU_INSIDE)
			return 0;
		off = (off - p->offset) % p->stride;
	}
	return 1;
}

/* Pointers from one link to another; where `to` is given those that lead there. */
static unsigned count_links(const struct dsu_type *link, const char *bytes, const char *to)
{
	unsigned n = 0;

	for (unsigned i = 0; i < link->nparts; i++) {
		const struct dsu_part *p = &link->parts[i];

		for (unsigned k = 0; p->kind == DSU_POINTER && p->type == link && k < p->count;
			k++) {
			const char *value = NULL;

			if (to)
				memcpy(&value, bytes + p->offset + k * p->stride, sizeof value);
			n += value == to;
		}
	}
	return n;
}

/* Is it a list that is linked both ways? */
static int both_ways(const struct dsu_type *link)
{
	return count_links(link, NULL, NULL) > 1;
}

/* Does the link at `p` lead back to the one at `from`? */
static int leads_back(const struct dsu_type *link, char *p, const char *from)
{
	const char *bytes = bytes_at(p, link->size);

	return bytes && count_links(link, bytes, from);
}

/* Has the link been taken out of its list, and leads to its neighbours of old? */
static int is_old(const struct dsu_doubt *d)
{
	const struct dsu_type *link = d->part->type;
	struct spot s = spot_of(d);

	return s.within == link && both_ways(link) &&
	       !leads_back(link, d->to, dsu_x.objects[d->object].at + s.at);
}

/* All pointers of the link at `at` to others of its kind are good ones. */
static int each_link(const struct dsu_type *link, const char *bytes, char *at,
	int (*good)(const struct dsu_type *link, char *value, const char *at))
{
	for (unsigned i = 0; i < link->nparts; i++) {
		const struct dsu_part *p = &link->parts[i];
		char *value;

		if (p->kind != DSU_POINTER || p->type != link)
			continue;
		memcpy(&value, bytes + p->offset, sizeof value);
		if (value && !good(link, value, at))
			return 0;
	}
	return 1;
}

static int is_known(const struct dsu_type *link, char *value, const char *at)
{
	(void)at;
	return bytes_at(value, link->size) != NULL;
}

/* May a link of the program's be there? In a block that is not known yet, by what is in it. */
static int may_be_link(const struct dsu_type *link, char *value, const char *at)
{
	const char *bytes = bytes_at(value, link->size);
	struct dsu_heap_block b;
	const struct dsu_object *o = dsu_find_object(value, &b);

	if (!bytes || (both_ways(link) && !leads_back(link, value, at)))
		return 0;
	if (o)
		return lies_at(o->type, dsu_size_of(o), (size_t)(value - o->at), link);
	return each_link(link, bytes, value, is_known);
}

/* Can all of the block be links, as heads of lists are? */
static int all_links(const struct dsu_type *link, const struct dsu_heap_block *b)
{
	size_t n = b->size / link->size;

	if (!dsu_fits(link, b))
		return 0;
	for (size_t i = 0; i < n; i++)
		if (!each_link(link, b->at + i * link->size, b->at + i * link->size, may_be_link))
			return 0;
	for (size_t i = n * link->size; i < b->size; i++)
		if (b->at[i])
			return 0;
	return 1;
}

static int is_among(const struct dsu_type *type, const struct dsu_type *const *all)
{
	while (*all && *all != type)
		all++;
	return *all != NULL;
}

/* One object, where a block fits several of them? */
static int is_one(const struct dsu_type *type, const struct dsu_heap_block *b)
{
	return dsu_has_tail(type) || b->size < 2UL * type->size;
}

/* Has the mapping file been asked whether it is such a one? */
static int is_asked(const struct dsu_type *link, const struct dsu_type *type)
{
	const struct dsu_kind *k = link->kinds;

	while (k && k->type && k->type != type)
		k++;
	return k && k->type;
}

/*
 * The `i`-th of the types that the block can be, or null. Arrays of objects are known by pointers to
 * those: they are thought of only where nothing fits by itself, but for arrays of lists' heads. The last
 * one is the link alone.
 */
static const struct dsu_type *candidate(
	const struct dsu_doubt *d, const struct dsu_heap_block *b, unsigned i, int several)
{
	const struct dsu_types *t = &dsu_x.p->types;
	const struct dsu_type *link = d->part->type;
	struct spot s = spot_of(d);
	size_t off = (size_t)(d->to - b->at);
	int alone;

	for (unsigned k = 0; k < t->nholders; k++) {
		const struct dsu_type *h = t->holders[k];

		if (h && h != link && !is_asked(link, h) && (!s.links || is_among(h, s.links)) &&
			is_one(h, b) == !several && dsu_fits(h, b) &&
			lies_at(h, b->size, off, link) && i-- == 0)
			return h;
	}
	alone = off % link->size == 0 && (!s.links || is_among(link, s.links)) &&
		(link->nparts || is_one(link, b) == !several);
	return alone && all_links(link, b) && i == 0 ? link : NULL;
}

const struct dsu_type *dsu_linked(const struct dsu_doubt *d, const struct dsu_heap_block *b)
{
	const struct dsu_type *link = d->part->type, *found;
	size_t off = (size_t)(d->to - b->at);

	if (is_old(d))
		return NULL;
	for (int several = 0; several < 2; several++) {
		found = candidate(d, b, 0, several);
		if (found)
			return candidate(d, b, 1, several) ? NULL : found;
	}
	return off % link->size == 0 && dsu_fits(link, b) ? link : NULL;
}

int dsu_link_is_idle(const struct dsu_doubt *d, const struct dsu_heap_block *b)
{
	return is_old(d) && (!b->at || (!candidate(d, b, 0, 0) && !candidate(d, b, 0, 1)));
}

int dsu_is_told(const struct dsu_doubt *d, const struct dsu_heap_block *b)
{
	return b->at && d->part->type->kinds && !candidate(d, b, 0, 0) && !candidate(d, b, 0, 1);
}

/* What a list is called: a member of a type, or a variable. */
static void name_list(const struct dsu_doubt *d, char *name, size_t size)
{
	const struct dsu_object *o = &dsu_x.objects[d->object];
	const struct dsu_variable *v = dsu_in_heap(o) ? NULL : dsu_variable_of(o);
	struct spot s = spot_of(d);

	if (v && (s.owner == d->part->type || !strcmp(s.member, "it")))
		dsu_name_variable(v, name, size);
	else
		snprintf(name, size, "%s.%s", s.owner->name, s.member);
}

int dsu_links_refuse(const struct dsu_doubt *d, const struct dsu_heap_block *b)
{
	const struct dsu_type *first = candidate(d, b, 0, 0), *second = candidate(d, b, 1, 0);
	size_t off = (size_t)(d->to - b->at);
	char list[72], where[2][56] = {"", ""};

	if (is_old(d))
		return dsu_xform_fail("a link leads to one that does not lead back to it",
			d->part->type->name, d->part->name);
	if (!second)
		return dsu_xform_fail("a pointer leads to a block that is not of its type",
			d->part->type->name, d->part->name);
	for (int i = 0; i < 2; i++) {
		const struct dsu_type *type = i ? second : first;
		const struct dsu_part *p = part_at(type, b->size, within_one(type, off));

		snprintf(where[i], sizeof where[i], type == d->part->type ? "%s" : "%s.%s",
			type->name, p ? p->name : "");
	}
	if (!d->part->type->nparts) { /* no list: told by what is in it */
		dsu_xform_why = "a pointer leads to what may be one of several: say in a mapping "
				"file which it is when";
		snprintf(dsu_xform_where, sizeof dsu_xform_where, "types: {%s: {kinds: {%s, %s",
			d->part->type->name, first->name, second->name);
		return 0;
	}
	name_list(d, list, sizeof list);
	snprintf(dsu_xform_where, sizeof dsu_xform_where, "links: {%s: %s}, or %.49s", list,
		where[0], where[1]);
	dsu_xform_why = "a list holds what may be one of several: say in a mapping file what";
	return 0;
}
