/*
 * xform.c - finds the objects whose type changes, makes new ones, redirects all pointers to them.
 *
 * From variables with static storage and the variables of saved frames the pointers are followed by
 * the types that the patch describes. What is found lies in one list, which is also the queue:
 *
 *   discover   each object's pointers lead to more objects; a block of the heap is as many objects
 *              as its size holds
 *   convert    each object of a changed type into fresh memory
 *   redirect   pointers in fresh memory at once, those in memory that stays into a log
 *
 * Until the decision nothing that the old version sees has been written. No system call but read
 * and write is made where the process may be in a sandbox (`may_map` is 0).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "family.h"
#include "heap.h"
#include "own.h"
#include "shared.h"
#include "trap.h"
#include "xform.h"

#define LOGGED 1020

/* What has been found: first the variables, then blocks of the heap. */
struct object {
	const struct dsu_type *type;
	char *at; /* as pointers see it */
	char *to; /* the new object's bytes; null: it stays where it is */
};

/* Of a variable, whose bytes may be apart from where pointers see it: a home on a stack. */
struct variable {
	char *bytes, *goes;
	size_t size;
	int done; /* converted already, or has its value by itself */
};

struct change {
	char **slot;
	char *value;
};

struct log {
	struct log *before;
	unsigned n;
	struct change changes[LOGGED];
};

/* A pointer into a block that does not look like what the pointer's type says. */
struct doubt {
	struct doubt *next;
	const struct dsu_part *part;
	char *to;
};

static struct {
	struct dsu_thread *t;
	const struct dsu_patch *p;
	struct object *objects;
	struct variable *variables;
	size_t n, room, nvariables;
	uint32_t *order; /* the variables by address */
	size_t norder;
	struct log *log;
	struct doubt *doubts;
	int active, may_map, pool_open, redirecting;
	struct dsu_chunk *taken; /* mapped, given back at the end */
	const char *converts;    /* the type whose transformer runs */
} x;

const char *dsu_xform_why;
char dsu_xform_where[192];

static const struct dsu_part any_part = {
	DSU_POINTER, 0, 1, sizeof(void *), NULL, "a variable", NULL, NULL};
const struct dsu_type dsu_any_pointer = {
	"void *", sizeof(void *), 0, 1, 0, &any_part, NULL, NULL, NULL};

static int fail(const char *why, const char *where, const char *what)
{
	dsu_xform_why = why;
	snprintf(dsu_xform_where, sizeof dsu_xform_where, "%s%s%s", where, what ? "." : "",
		what ? what : "");
	return 0;
}

static int no_memory(void)
{
	return fail(x.may_map
			    ? "no memory to convert objects in"
			    : "no memory to convert objects in, and a sandboxed process maps none",
		"out of memory", NULL);
}

void *dsu_map_fresh(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* Zeroed; null where there is none. */
static void *take(size_t n)
{
	struct dsu_chunk *c;

	n = (n + 15) & ~15UL;
	if (!x.may_map) {
		void *p = dsu_scratch_left(x.t) > n + (1UL << 20) ? dsu_scratch(x.t, n) : NULL;

		return p ? memset(p, 0, n) : NULL;
	}
	if (x.taken && x.taken->size - x.taken->used >= n) {
		c = x.taken;
	} else {
		size_t size = n + 64 > 1UL << 20 ? n + 64 : 1UL << 20;

		c = dsu_map_fresh(size);
		if (!c)
			return NULL;
		c->size = size;
		c->used = 64;
		c->next = x.taken;
		x.taken = c;
	}
	c->used += n;
	return (char *)c + c->used - n;
}

/* ---- what is known of an object ---- */

static int in_heap(const struct object *o)
{
	return (size_t)(o - x.objects) >= x.nvariables;
}

static struct variable *variable(const struct object *o)
{
	return &x.variables[o - x.objects];
}

static size_t block_size(const char *at)
{
	size_t own = dsu_own_size(at), shared = own ? 0 : dsu_shared_size(at);

	return own ? own : shared ? shared : dsu_heap_size(at);
}

/* It is converted where it is; `to` are the bytes that it will have. */
static int is_shared(const struct object *o)
{
	return in_heap(o) && dsu_shared_size(o->at) != 0;
}

static size_t size_of(const struct object *o)
{
	return in_heap(o) ? block_size(o->at) : variable(o)->size;
}

static char *bytes_of(const struct object *o)
{
	return in_heap(o) ? o->at : variable(o)->bytes;
}

/* ---- what is known of an address ---- */

static struct object *outside_heap(const char *p)
{
	size_t low = 0, high = x.norder;
	struct object *o;

	while (low < high) { /* the first that begins behind p */
		size_t mid = (low + high) / 2;

		if (x.objects[x.order[mid]].at > p)
			high = mid;
		else
			low = mid + 1;
	}
	if (!low)
		return NULL;
	o = &x.objects[x.order[low - 1]];
	return p <= o->at + variable(o)->size ? o : NULL;
}

/* The object that p points into or one past the end of; or the block that nobody owns yet. */
static struct object *find(char *p, struct dsu_heap_block *block)
{
	block->at = NULL;
	if (!dsu_own_find(p, block) && !dsu_shared_find(p, block) && !dsu_heap_find(p, block)) {
		block->at = NULL;
		return outside_heap(p);
	}
	return block->index ? &x.objects[block->index - 1] : NULL;
}

/* Can the byte at p be read? Asked of the kernel, by a call that every sandbox allows. */
static int readable(const char *p)
{
	if (!dsu_block || p < (char *)4096 || p >= (char *)0x7ffffffff000)
		return 0;
	return dsu_raw_syscall(SYS_write, dsu_fds.notify, (long)p, 1) != -EFAULT;
}

static int has_tail(const struct dsu_type *type)
{
	return type->nparts && type->parts[type->nparts - 1].kind & DSU_TAIL;
}

static int fits(const struct dsu_type *type, const struct dsu_heap_block *b)
{
	if (has_tail(type))
		return b->size + b->slack >= type->size;
	return b->size >= type->size && b->size % type->size < b->slack;
}

/* Could the block hold what is also kept behind pointers of other types? */
static int suspected(const struct dsu_heap_block *b)
{
	for (unsigned i = 0; i < x.p->nsuspects; i++)
		if (x.p->suspects[i] && fits(x.p->suspects[i], b))
			return 1;
	return 0;
}

/* A block that fits many small objects may be one large one that begins with such. */
static int plausible(const struct dsu_type *type, const struct dsu_heap_block *b)
{
	return fits(type, b) &&
	       (type->flags & DSU_LEADS || b->size < 2UL * type->size || !suspected(b));
}

/* Is there an object of the type `want` at offset `off` of one of `type`? */
static int contains(
	const struct dsu_type *type, size_t size, size_t off, const struct dsu_type *want)
{
	if (type->size && !has_tail(type)) {
		if (type == want && off % type->size == 0)
			return 1;
		if (off >= size)
			off = 0;
		off %= type->size;
	} else if (type == want && off == 0) {
		return 1;
	}
	for (unsigned i = 0; i < type->nparts; i++) {
		const struct dsu_part *p = &type->parts[i];
		size_t end = p->kind & DSU_TAIL ? size : p->offset + (size_t)p->count * p->stride;

		if (p->kind & DSU_INSIDE && (p->kind & ~DSU_TAIL) == DSU_INSIDE &&
			off >= p->offset && off <= end &&
			contains(p->type, end - p->offset, off - p->offset, want))
			return 1;
	}
	return 0;
}

/* ---- discovering ---- */

/* How many blocks an allocator of the program's own has is not known beforehand. */
static int more_objects(void)
{
	struct object *more = take(2 * x.room * sizeof *more);

	if (!more)
		return no_memory();
	memcpy(more, x.objects, x.n * sizeof *more);
	x.objects = more;
	x.room *= 2;
	return 1;
}

static int own(const struct dsu_type *type, const struct dsu_heap_block *b)
{
	if (x.n == x.room && !more_objects())
		return 0;
	x.objects[x.n++] = (struct object){type, b->at, NULL};
	if (!dsu_own_keep(b, (uint32_t)x.n) && !dsu_shared_keep(b, (uint32_t)x.n))
		dsu_heap_own(b, (uint32_t)x.n);
	return 1;
}

static int doubt(const struct dsu_part *part, char *to)
{
	struct doubt *d = take(sizeof *d);

	if (!d)
		return no_memory();
	*d = (struct doubt){x.doubts, part, to};
	x.doubts = d;
	return 1;
}

/* A pointer of a type that says what it points to. */
static int follow(const struct dsu_part *part, char *p)
{
	struct dsu_heap_block b;
	struct object *o = find(p, &b);

	if (o && contains(o->type, size_of(o), (size_t)(p - o->at), part->type))
		return 1;
	if (o || !b.at)
		return doubt(part, p);
	if (p == b.at && plausible(part->type, &b))
		return own(part->type, &b);
	return doubt(part, p);
}

static int scan(const struct dsu_type *type, char *bytes, size_t size,
	int (*visit)(const struct dsu_part *, char **));

static int part(const struct dsu_part *p, char *bytes, size_t size,
	int (*visit)(const struct dsu_part *, char **))
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
			if (!scan(p->type, bytes, p->stride, visit))
				return 0;
	}
	return 1;
}

/* All pointers of an object, or of the array of objects that fill `size`. */
static int scan(const struct dsu_type *type, char *bytes, size_t size,
	int (*visit)(const struct dsu_part *, char **))
{
	size_t each = has_tail(type) ? size : type->size;

	for (; each && size >= type->size; bytes += each, size -= each) {
		for (unsigned i = 0; i < type->nparts; i++)
			if (!part(&type->parts[i], bytes, each, visit))
				return 0;
		if (size < each)
			break;
	}
	return 1;
}

static int discover(const struct dsu_part *part, char **slot)
{
	char *p;

	if (!part->type)
		return 1;
	memcpy(&p, slot, sizeof p);
	return p ? follow(part, p) : 1;
}

static int discover_from(size_t i)
{
	for (; i < x.n; i++)
		if (!scan(x.objects[i].type, bytes_of(&x.objects[i]), size_of(&x.objects[i]),
			    discover))
			return 0;
	return 1;
}

/*
 * What looked wrong when it was found: a pointer into a block whose other pointers came later; then
 * a block that is larger than the first pointer's type said (a struct that begins with another), or
 * that is known by pointers into its middle alone. 1: settled, 0: not yet, -1: failed.
 */
static int settle(const struct doubt *d, int supposing)
{
	const struct dsu_type *want = d->part->type;
	struct dsu_heap_block b;
	struct object *o = find(d->to, &b);
	size_t off = o ? (size_t)(d->to - o->at) : 0;
	int owned = 0;

	if (o && contains(o->type, size_of(o), off, want))
		return 1;
	if (!supposing)
		return 0;
	if (o && off == 0 && in_heap(o) && contains(want, want->size, 0, o->type) &&
		fits(want, &b)) {
		o->type = want; /* the larger view of the same object */
		return scan(want, o->at, block_size(o->at), discover) ? 1 : -1;
	}
	if (!o && !b.at && readable(d->to) &&
		(dsu_heap_find_mapped(d->to, &b) || dsu_shared_look(d->to, &b)))
		owned = plausible(want, &b);
	else if (!o && b.at)
		owned = plausible(want, &b) && (size_t)(d->to - b.at) % want->size == 0;
	return owned ? (own(want, &b) ? 1 : -1) : 0;
}

/* Nothing explains the pointer: does it matter? */
static int give_up(const struct doubt *d)
{
	const struct dsu_type *want = d->part->type;
	struct dsu_heap_block b;
	struct object *o = find(d->to, &b);

	if (!(want->flags & DSU_LEADS) ||
		(!o && !b.at && (dsu_heap_knows(d->to) || !readable(d->to))))
		return 1;
	return fail(o      ? "a pointer leads into an object of another type"
		    : b.at ? "a pointer leads to a block that is not of its type"
			   : "a pointer leads to memory that no variable and no block owns",
		want->name, d->part->name);
}

/* One pass over the doubts; how many are settled, or -1. */
static int settle_some(int supposing)
{
	struct doubt *todo = x.doubts, *left = NULL;
	int n = 0;

	x.doubts = NULL;
	while (todo) {
		struct doubt *d = todo;
		size_t before = x.n;
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
		struct doubt *d = left;

		left = d->next;
		d->next = x.doubts;
		x.doubts = d;
	}
	return n;
}

static int settle_all(void)
{
	int n;

	do {
		n = settle_some(0);
		if (n == 0)
			n = settle_some(1);
	} while (n > 0);
	for (const struct doubt *d = x.doubts; d && n == 0; d = d->next)
		if (!give_up(d))
			return 0;
	return n == 0;
}

/* ---- converting ---- */

/* The new size of an object of a changed type in the heap; of those in shared memory, what fits. */
static size_t new_size(const struct object *o)
{
	const struct dsu_type *type = o->type, *to = type->to;
	const struct dsu_part *a, *b;
	size_t size = size_of(o);

	if (is_shared(o)) {
		size_t n = size / type->size, room = size / to->size;

		return (n < room ? n : room) * to->size;
	}

	if (!has_tail(type))
		return size / type->size * to->size;
	a = &type->parts[type->nparts - 1];
	b = &to->parts[to->nparts - 1];
	if (size <= a->offset || !has_tail(to))
		return to->size;
	return b->offset + (size - a->offset) / a->stride * b->stride + b->stride;
}

static int make_room(void)
{
	size_t all = 0;

	for (size_t i = x.nvariables; i < x.n; i++)
		if (x.objects[i].type->to && !is_shared(&x.objects[i]))
			all += new_size(&x.objects[i]) + 32;
	if (!all)
		return 1;
	x.pool_open = dsu_pool_open(all, x.may_map);
	return x.pool_open ? 1 : no_memory();
}

/* Code of the patch, and of its user. */
static const char *transform(
	const struct dsu_type *type, const char *from, char *to, unsigned long size)
{
	const char *why;

	x.converts = type->name;
	why = type->convert(from, to, size);
	x.converts = NULL;
	return why;
}

void dsu_xform_runs(const char *name)
{
	x.converts = name;
}

int dsu_xform_refuse(const char *why, const char *name)
{
	return fail(why, name, NULL);
}

void dsu_xform_trapped(const char *how)
{
	static char why[48];

	snprintf(why, sizeof why, "the mapping's code has ended by %s", how);
	if (x.converts)
		fail(why, x.converts, NULL);
	else
		fail("what the update has found in memory cannot be read", how, NULL);
}

/* One object to convert: what transform() is given, and what it gives. */
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

	c->why = transform(c->type, c->from, c->to, c->size);
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
static int convert(struct object *o, size_t size)
{
	const struct dsu_type *type = o->type;
	size_t each = has_tail(type) ? size : type->size, n = size / each;
	struct conversion c = {
		type, bytes_of(o), o->to, in_heap(o) ? each | DSU_ROOMY : each, NULL};
	struct dsu_heap_block b = {.slack = 0};

	if (in_heap(o) && n > 1)
		find(o->at, &b);
	for (size_t i = 0; i < n; i++, c.from += each, c.to += type->to->size) {
		if (i && may_be_none(c.from, each, size - i * each, b.slack)) {
			if (dsu_trap_part(convert_one, &c) || c.why)
				memset(c.to, 0, type->to->size);
			continue;
		}
		convert_one(&c);
		if (c.why)
			return fail(c.why, type->name, NULL);
	}
	return 1;
}

/* What lies in shared memory stays there, and its new bytes are made aside; all of its pages. */
static int convert_shared(struct object *o)
{
	size_t size = size_of(o), fits;

	o->to = take(size);
	if (!o->to)
		return no_memory();
	dsu_shared_becomes(o->at, o->to);
	if (!o->type->to) {
		memcpy(o->to, o->at, size);
		return 1;
	}
	if (has_tail(o->type))
		return fail("it has no end, and lies in shared memory", o->type->name, NULL);
	fits = new_size(o) / o->type->to->size * o->type->size;
	if (!is_zero(o->at + fits, size - fits))
		return fail("shared memory has no room for what it becomes", o->type->name, NULL);
	return convert(o, fits);
}

static int convert_all(void)
{
	if (!make_room())
		return 0;
	for (size_t i = 0; i < x.n; i++) {
		struct object *o = &x.objects[i];

		if (is_shared(o)) {
			if (!convert_shared(o))
				return 0;
			continue;
		}
		if (!o->type->to || (!in_heap(o) && variable(o)->done))
			continue;
		if (in_heap(o)) {
			size_t size = new_size(o);

			o->to = dsu_own_size(o->at) ? dsu_own_replace(o->at, size)
						    : dsu_pool_take(size);
			if (!o->to)
				return no_memory();
		}
		if (!convert(o, size_of(o)))
			return 0;
	}
	return 1;
}

/* ---- redirecting ---- */

static int same(const char *a, const char *b)
{
	return a && b && (a == b || !strcmp(a, b));
}

/* Where offset `off` of one object of a changed type has gone; -1: nowhere. */
static long gone(const struct dsu_type *type, size_t off, const char *of)
{
	const struct dsu_move *in = NULL, *end = NULL;
	size_t k;
	long inner;

	for (unsigned i = 0; i < type->nmoves; i++) {
		const struct dsu_move *m = &type->moves[i];

		if (off >= m->from && off < m->from + m->size)
			in = m;
		if (off == m->from + m->size)
			end = m;
	}
	/* One past the end of a member, or the start of the next: the pointer's type tells. */
	if (end && (!in || (off == in->from && same(end->of, of) && !same(in->of, of))))
		in = end;
	if (!in)
		return -1;
	off -= in->from;
	if (!in->type)
		return (long)(in->to + off);
	k = off / in->type->size;
	off %= in->type->size;
	inner = off ? gone(in->type, off, of) : 0;
	return inner < 0 ? -1 : (long)(in->to + k * in->type->to->size) + inner;
}

/* Does a pointer to the end of an object point to the end of its last member, by its type? */
static int ends_with(const struct dsu_type *type, size_t size, const char *of)
{
	for (unsigned i = 0; i < type->nmoves; i++)
		if (type->moves[i].from + type->moves[i].size == size)
			return same(type->moves[i].of, of) && !same(type->name, of);
	return 0;
}

/* Is a pointer to the start of an object one to its first member, by its type? */
static int begins_with(const struct dsu_type *type, const char *of)
{
	for (unsigned i = 0; i < type->nmoves; i++)
		if (type->moves[i].from == 0)
			return same(type->moves[i].of, of) && !same(type->name, of);
	return 0;
}

/* The new value of a pointer into an object that has moved; null: what it pointed to is gone. */
static char *new_value(const struct object *o, const char *p, const char *of)
{
	size_t off = (size_t)(p - o->at), each = has_tail(o->type) ? size_of(o) + 1 : o->type->size;
	long inner = off % each ? gone(o->type, off % each, of) : 0;

	char *goes = is_shared(o) ? o->at : in_heap(o) ? o->to : variable(o)->goes;

	if (!goes)
		return NULL;
	if (off && off % each == 0 && ends_with(o->type, each, of)) {
		off -= each;
		inner = gone(o->type, each, of);
	} else if (off % each == 0 && begins_with(o->type, of)) {
		inner = gone(o->type, 0, of);
	}
	if (inner < 0)
		return NULL;
	return goes + off / each * o->type->to->size + inner;
}

static int logged(char **slot, char *value)
{
	struct log *l = x.log;

	if (!l || l->n == LOGGED) {
		l = take(sizeof *l);
		if (!l)
			return no_memory();
		l->before = x.log;
		x.log = l;
	}
	l->changes[l->n++] = (struct change){slot, value};
	return 1;
}

/*
 * May a block that nobody owns be left as it is? Not if it could hold objects that change and that
 * the program is known to keep behind pointers of another type.
 */
static int explained(const struct dsu_part *part, const struct dsu_heap_block *b)
{
	int says_nothing = part->type || !part->of || !strcmp(part->of, "void");

	return !says_nothing || !suspected(b);
}

static int redirect(const struct dsu_part *part, char **slot)
{
	struct dsu_heap_block b;
	struct object *o;
	char *p, *to;

	memcpy(&p, slot, sizeof p);
	if (p < (char *)4096)
		return 1;
	o = find(p, &b);
	if (!o && b.at && !explained(part, &b))
		return fail("nothing says what is in the block of memory that a pointer leads to",
			part->name, part->of);
	if (!o || !o->type->to)
		return 1;
	to = new_value(o, p, part->of);
	if (!to)
		return fail("a pointer leads to what the new version does not have", o->type->name,
			part->name);
	if (x.redirecting)
		memcpy(slot, &to, sizeof to);
	else
		return logged(slot, to);
	return 1;
}

static int redirect_all(void)
{
	for (size_t i = 0; i < x.n; i++) {
		struct object *o = &x.objects[i];
		int fresh = o->to != NULL;
		size_t size = size_of(o);
		const struct dsu_type *type = o->type;

		if (fresh && type->to) {
			size = has_tail(type) || is_shared(o) ? new_size(o)
							      : size / type->size * type->to->size;
			type = type->to;
		}
		x.redirecting = fresh;
		if (type->nparts && !scan(type, fresh ? o->to : bytes_of(o), size, redirect))
			return 0;
	}
	return 1;
}

/* ---- the steps ---- */

static unsigned long count_roots(const struct dsu_patch *p)
{
	unsigned long n = 0;

	for (unsigned i = 0; i < p->nroots; i++)
		for (const struct dsu_root *r = p->roots[i]; r->name; r++)
			n++;
	return n;
}

static int add(const struct dsu_moved *m, int done)
{
	if (x.n == x.nvariables)
		return no_memory();
	x.objects[x.n] = (struct object){m->type, m->at, m->to};
	x.variables[x.n++] = (struct variable){m->bytes, m->goes, m->size, done};
	return 1;
}

static int root(const struct dsu_root *r)
{
	struct dsu_moved m = {r->type, r->from, r->from, r->to, r->to, r->type->size};

	if (r->in_thread && r->type->flags & DSU_LEADS && dsu_threads->next)
		return fail("of several threads each has one that leads to what changes", r->name,
			NULL);
	if (r->in_thread)
		m.bytes = m.at = r->in_thread();
	return add(&m, r->flags & DSU_CONSTANT);
}

int dsu_xform_begin(struct dsu_thread *t, const struct dsu_patch *p)
{
	size_t nblocks, variables = 0;

	memset(&x, 0, sizeof x);
	x.t = t;
	x.p = p;
	if (!p->walks)
		return 1;
	x.active = 1;
	x.may_map = !dsu_block->slots[dsu_slot].sandboxed;
	dsu_own_begin(p, take);
	dsu_shared_begin();
	if (!x.may_map && p->allocators && *p->allocators)
		return fail("a sandboxed process can use no allocator of its own",
			(*p->allocators)->name, NULL);
	if (!dsu_heap_look(take, x.may_map, &nblocks))
		return no_memory();
	for (const struct dsu_thread *i = dsu_threads; i; i = i->next)
		for (const struct dsu_record *r = i->records; r; r = r->inner)
			variables += dsu_cp_of(r->func, r->cp)->nlive;
	variables += count_roots(p);
	x.nvariables = variables;
	x.room = nblocks + variables + 512;
	x.objects = take(x.room * sizeof *x.objects);
	x.variables = take(variables * sizeof *x.variables);
	x.order = take(variables * sizeof *x.order);
	if (!x.objects || !x.variables || !x.order)
		return no_memory();
	for (unsigned i = 0; i < p->nroots; i++)
		for (const struct dsu_root *r = p->roots[i]; r->name; r++)
			if (!root(r))
				return 0;
	return 1;
}

/* The type of a function's variable; null: not described, or no type has changed at all. */
const struct dsu_type *dsu_xform_type(const char *key, const char *name)
{
	for (unsigned i = 0; x.active && i < x.p->nlocals; i++)
		for (const struct dsu_locals *l = x.p->locals[i]; l->key; l++)
			for (unsigned k = 0; !strcmp(l->key, key) && k < l->n; k++)
				if (!strcmp(l->locals[k].name, name))
					return l->locals[k].type;
	return NULL;
}

/* How many bytes an object of that many will have; 0 if it is no whole number of the type's. */
size_t dsu_xform_size(const struct dsu_type *type, size_t size)
{
	if (!type || !type->to)
		return size;
	return size % type->size ? 0 : size / type->size * type->to->size;
}

/* Of several of the type, as of an array whose type says nothing of its bound, each. */
int dsu_xform_variable(const struct dsu_moved *m)
{
	const struct dsu_type *type = m->type;

	if (!x.active)
		return 1;
	if (!add(m, 1))
		return 0;
	for (size_t i = 0; type->to && i < m->size / type->size; i++) {
		const char *why = transform(
			type, m->bytes + i * type->size, m->to + i * type->to->size, type->size);

		if (why)
			return fail(why, type->name, NULL);
	}
	return 1;
}

static int by_address(const void *a, const void *b)
{
	const char *p = x.objects[*(const uint32_t *)a].at, *q = x.objects[*(const uint32_t *)b].at;

	return (p > q) - (p < q);
}

/* In place, without memory of its own: qsort() may allocate. */
static void sift(size_t at, size_t n)
{
	for (size_t child; (child = 2 * at + 1) < n; at = child) {
		uint32_t kept = x.order[at];

		if (child + 1 < n && by_address(&x.order[child], &x.order[child + 1]) < 0)
			child++;
		if (by_address(&x.order[at], &x.order[child]) >= 0)
			return;
		x.order[at] = x.order[child];
		x.order[child] = kept;
	}
}

static void put_in_order(void)
{
	for (size_t i = 0; i < x.n; i++)
		if (x.objects[i].at)
			x.order[x.norder++] = (uint32_t)i;
	for (size_t i = x.norder / 2; i-- > 0;)
		sift(i, x.norder);
	for (size_t n = x.norder; n-- > 1;) {
		uint32_t largest = x.order[0];

		x.order[0] = x.order[n];
		x.order[n] = largest;
		sift(0, n);
	}
}

/* All variables are known by now. */
int dsu_xform_run(void)
{
	if (!x.active)
		return 1;
	put_in_order();
	x.nvariables = x.n;
	return discover_from(0) && settle_all() && convert_all() && redirect_all();
}

static void give_back(void)
{
	struct dsu_chunk *c;

	while ((c = x.taken)) {
		x.taken = c->next;
		munmap(c, c->size);
	}
	x.active = 0;
}

/* Decided: what stays points to what has moved. The blocks that it has left are free. */
void dsu_xform_commit(void)
{
	if (!x.active)
		return;
	for (const struct log *l = x.log; l; l = l->before)
		for (unsigned i = 0; i < l->n; i++)
			memcpy(l->changes[i].slot, &l->changes[i].value, sizeof(char *));
	for (size_t i = x.nvariables; i < x.n && x.may_map; i++) {
		struct object *o = &x.objects[i];

		if (!o->type->to || dsu_own_size(o->at) || is_shared(o))
			continue;
		if (dsu_pool_owns(o->at))
			dsu_pool_free(o->at);
		else
			free(o->at);
	}
	dsu_shared_commit();
	dsu_own_end(1);
	if (x.pool_open)
		dsu_pool_keep();
	give_back();
}

void dsu_xform_drop(void)
{
	if (!x.active)
		return;
	dsu_own_end(0);
	if (x.pool_open)
		dsu_pool_drop();
	give_back();
}
