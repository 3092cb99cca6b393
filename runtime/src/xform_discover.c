/*
 * xform_discover.c - follows pointers by their types from the variables to all objects that can be
 * reached. What looks wrong when it is found is doubted, and settled when all has been seen.
 */
#include <string.h>

#include "family.h"
#include "own.h"
#include "shared.h"
#include "xform_in.h"

/* How many blocks an allocator of the program's own has is not known beforehand. */
static int more_objects(void)
{
	struct dsu_object *more = dsu_xform_take(2 * dsu_x.room * sizeof *more);

	if (!more)
		return dsu_xform_no_memory();
	memcpy(more, dsu_x.objects, dsu_x.n * sizeof *more);
	dsu_x.objects = more;
	dsu_x.room *= 2;
	return 1;
}

int dsu_take_block(const struct dsu_type *type, const struct dsu_heap_block *b)
{
	if (dsu_x.n == dsu_x.room && !more_objects())
		return 0;
	dsu_x.objects[dsu_x.n++] = (struct dsu_object){type, b->at, NULL};
	if (!dsu_own_keep(b, (uint32_t)dsu_x.n) && !dsu_shared_keep(b, (uint32_t)dsu_x.n))
		dsu_heap_own(b, (uint32_t)dsu_x.n);
	return 1;
}

static int doubt(const struct dsu_part *part, char *to, const char *slot)
{
	struct dsu_doubt *d = dsu_xform_take(sizeof *d);
	size_t i = dsu_x.scanned;

	if (!d)
		return dsu_xform_no_memory();
	*d = (struct dsu_doubt){
		dsu_x.doubts, part, to, i, (size_t)(slot - dsu_bytes_of(&dsu_x.objects[i]))};
	dsu_x.doubts = d;
	return 1;
}

/* A pointer of a type that says what it points to. */
static int follow(const struct dsu_part *part, char *p, const char *slot)
{
	const struct dsu_type *want;
	struct dsu_heap_block b;
	struct dsu_object *o = dsu_object_for(p, part, &b);

	if (o && dsu_contains(o->type, dsu_size_of(o), (size_t)(p - o->at), part->type))
		return 1;
	if (o || !b.at)
		return doubt(part, p, slot);
	want = dsu_kind_of(part->type, p, &b);
	if (p == b.at && !dsu_is_pointer(want) && !(want->flags & DSU_LINK) &&
		dsu_plausible(want, &b, 0))
		return dsu_take_block(want, &b);
	return doubt(part, p, slot);
}

static int discover(const struct dsu_part *part, char **slot)
{
	char *p;

	if (!part->type)
		return 1;
	memcpy(&p, slot, sizeof p);
	return p ? follow(part, p, (char *)slot) : 1;
}

static int discover_from(size_t i)
{
	for (; i < dsu_x.n; i++) {
		dsu_x.scanned = i;
		if (!dsu_scan(dsu_x.objects[i].type, dsu_bytes_of(&dsu_x.objects[i]),
			    dsu_size_of(&dsu_x.objects[i]), discover))
			return 0;
	}
	return 1;
}

/* How much is supposed of a pointer that nothing explains yet. */
enum supposition {
	NOTHING,  /* its block has been found otherwise by now */
	STARTS,   /* it leads to the start of its block, or to a larger view of it */
	LINKS,    /* it leads to what lies in the only thing that fits the block */
	ANYWHERE, /* it leads into the middle, or to a pointer, which may be a member */
};

/* Is this what a block is, that nobody has owned so far? */
static int supposed(const struct dsu_type *want, const char *p, const struct dsu_heap_block *b,
	enum supposition supposing)
{
	size_t off = (size_t)(p - b->at);

	if (supposing < ANYWHERE && (off || dsu_is_pointer(want)))
		return 0;
	return dsu_plausible(want, b, off) && off % want->size == 0;
}

/*
 * What looked wrong when it was found: a pointer into a block whose other pointers came later, or to
 * a pointer, which may be a member of something that is found later, as a queue's last `next` is; then
 * a block of what a link lies in (xform_links.c), one that is larger than the first pointer's type said
 * (a struct that begins with another), or one that is known by pointers into its middle alone.
 * 1: settled, 0: not yet, -1: failed.
 */
static int settle(const struct dsu_doubt *d, enum supposition supposing)
{
	const struct dsu_type *want = d->part->type;
	struct dsu_heap_block b;
	struct dsu_object *o = dsu_object_for(d->to, d->part, &b);
	size_t off = o ? (size_t)(d->to - o->at) : 0;

	if (o && dsu_contains(o->type, dsu_size_of(o), off, want))
		return 1;
	if (!supposing)
		return 0;
	if (o && off == 0 && dsu_in_heap(o) && dsu_contains(want, want->size, 0, o->type) &&
		dsu_fits(want, &b)) {
		o->type = want; /* the larger view of the same object */
		dsu_x.scanned = (size_t)(o - dsu_x.objects);
		return dsu_scan(want, o->at, dsu_block_size(o->at), discover) ? 1 : -1;
	}
	if (o || (!b.at && !(dsu_readable(d->to) && (dsu_heap_find_mapped(d->to, &b) ||
							    dsu_shared_look(d->to, &b)))))
		return 0;
	want = dsu_kind_of(want, d->to, &b);
	if (want->flags & DSU_LINK)
		want = supposing == LINKS ? dsu_linked(d, &b) : NULL;
	else if (!supposed(want, d->to, &b, supposing))
		want = NULL;
	return !want ? 0 : dsu_take_block(want, &b) ? 1 : -1;
}

/* Nothing explains the pointer: does it matter? */
static int give_up(const struct dsu_doubt *d)
{
	const struct dsu_type *want = d->part->type;
	struct dsu_heap_block b;
	struct dsu_object *o = dsu_object_for(d->to, d->part, &b);

	if (o && dsu_is_on_stack(d->to))
		return 1; /* no variable of a function can be used as what it is not */
	if (!(want->flags & DSU_LEADS))
		return o || !b.at || !dsu_may_hide(&b, (size_t)(d->to - b.at), want) ||
		       dsu_unexplained(d->part);
	if (!o && !b.at && (dsu_heap_knows(d->to) || dsu_is_dead(d->to) || !dsu_readable(d->to)))
		return 1;
	if (want->flags & DSU_LINK && (dsu_link_is_idle(d, &b) || (!o && dsu_is_told(d, &b))))
		return 1;
	if (!o && b.at && want->flags & DSU_LINK)
		return dsu_links_refuse(d, &b);
	return dsu_xform_fail(
		o      ? "a pointer leads into an object of another type"
		: b.at ? "a pointer leads to a block that is not of its type"
		       : "a pointer leads to memory that no variable and no block owns",
		want->name, d->part->name);
}

/* One pass over the doubts; how many are settled, or -1. */
static int settle_some(enum supposition supposing)
{
	struct dsu_doubt *todo = dsu_x.doubts, *left = NULL;
	int n = 0;

	dsu_x.doubts = NULL;
	while (todo) {
		struct dsu_doubt *d = todo;
		size_t before = dsu_x.n;
		int r = settle(d, supposing);

		todo = d->next;
		if (r < 0 || !discover_from(before))
			return -1;
		n += r;
		if (!r) {
			d->next = left;
			left = d;
		}
	}
	while (left) {
		struct dsu_doubt *d = left;

		left = d->next;
		d->next = dsu_x.doubts;
		dsu_x.doubts = d;
	}
	return n;
}

static int settle_all(void)
{
	int n;

	do {
		n = settle_some(NOTHING);
		if (n == 0)
			n = settle_some(STARTS);
		if (n == 0)
			n = settle_some(LINKS);
		if (n == 0)
			n = settle_some(ANYWHERE);
	} while (n > 0);
	for (const struct dsu_doubt *d = dsu_x.doubts; d && n == 0; d = d->next)
		if (!give_up(d))
			return 0;
	return n == 0;
}

int dsu_discover(void)
{
	return discover_from(0) && settle_all();
}
