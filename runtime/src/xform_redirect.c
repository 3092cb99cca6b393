/* xform_redirect.c - pointers to what has moved: written in fresh memory, logged where it stays. */
#include <string.h>

#include "xform_in.h"

/* Is a pointer to the start of a member one to it, or to what it begins with, by its type? */
static int starts_with(const struct dsu_move *m, const char *of)
{
	if (dsu_same_name(m->of, of))
		return 1;
	for (unsigned i = 0; m->type && i < m->type->nmoves; i++)
		if (!m->type->moves[i].from && starts_with(&m->type->moves[i], of))
			return 1;
	return 0;
}

/* The same of one to its end. */
static int ends_with(const struct dsu_move *m, const char *of)
{
	return dsu_same_name(m->of, of) || (m->type && dsu_ends_with(m->type, of));
}

/* Where offset `off` of one object of a changed type has gone; -1: nowhere. */
static long gone(const struct dsu_type *type, size_t off, const char *of)
{
	const struct dsu_move *in = NULL, *end = NULL;
	size_t k;
	long inner;
	int starts = 0;

	for (unsigned i = 0; i < type->nmoves; i++) {
		const struct dsu_move *m = &type->moves[i];

		if (off >= m->from && off < m->from + m->size) {
			in = in ? in : m;
			starts |= off == m->from && starts_with(m, of);
		}
		if (off == m->from + m->size && (!end || ends_with(m, of)))
			end = m;
	}
	/* One past the end of a member, or the start of the next: the pointer's type tells. */
	if (end && (!in || (off == in->from && ends_with(end, of) && !starts)))
		in = end;
	if (!in)
		return -1;
	off -= in->from;
	if (!in->type)
		return (long)(in->to + off);
	k = off / in->type->size;
	off %= in->type->size;
	if (!off && k && dsu_ends_with(in->type, of)) {
		k--;
		off = in->type->size;
	}
	inner = off || dsu_begins_with(in->type, of) ? gone(in->type, off, of) : 0;
	return inner < 0 ? -1 : (long)(in->to + k * in->type->to->size) + inner;
}

/* The new value of a pointer into an object that has moved; null: what it pointed to is gone. */
static char *new_value(const struct dsu_object *o, const char *p, const char *of)
{
	size_t off = (size_t)(p - o->at),
	       each = dsu_has_tail(o->type) ? dsu_size_of(o) + 1 : o->type->size;
	long inner = off % each ? gone(o->type, off % each, of) : 0;

	char *goes = dsu_is_shared(o) ? o->at : dsu_in_heap(o) ? o->to : dsu_variable_of(o)->goes;

	if (!goes)
		return NULL;
	if (off && off % each == 0 && dsu_ends_with(o->type, of)) {
		off -= each;
		inner = gone(o->type, each, of);
	} else if (off % each == 0 && dsu_begins_with(o->type, of)) {
		inner = gone(o->type, 0, of);
	}
	if (inner < 0)
		return NULL;
	return goes + off / each * o->type->to->size + inner;
}

static int logged(char **slot, char *value)
{
	struct dsu_log *l = dsu_x.log;

	if (!l || l->n == DSU_LOGGED) {
		l = dsu_xform_take(sizeof *l);
		if (!l)
			return dsu_xform_no_memory();
		l->before = dsu_x.log;
		dsu_x.log = l;
	}
	l->changes[l->n++] = (struct dsu_change){slot, value};
	return 1;
}

int dsu_unexplained(const struct dsu_part *part)
{
	return dsu_xform_fail("nothing says what is in the block of memory that a pointer leads to",
		part->name, part->of);
}

/*
 * Right behind a variable there may be another of which nothing is known: an array of characters,
 * say. Then only a pointer of the first one's type is one past its end, or one of its last member's
 * if that type changes, too: all variables of such a type are known.
 */
static int is_behind(const struct dsu_object *o, const char *p, const char *of)
{
	if (dsu_in_heap(o) || p != o->at + dsu_variable_of(o)->size || dsu_means(of, o->type))
		return 0;
	if (dsu_ends_with_changed(o->type, of))
		return 0;
	return dsu_variable_of(o)->followed || dsu_home_begins(p);
}

/* What a pointer with a type leads to has been settled as it was found. */
static int is_untyped(const struct dsu_part *part)
{
	return !part->type && (!part->of || !strcmp(part->of, "void"));
}

/*
 * What a `void *` leads to, and nothing else explains, is no object that changes, but may hold such
 * pointers itself: each of its words that is an object's address counts as one.
 */
static const struct dsu_part word = {DSU_POINTER, 0, 1, sizeof(void *), NULL,
	"a block of memory that nothing explains", "void", NULL, NULL};
static const struct dsu_type words = {
	"words", sizeof(void *), 0, 1, 0, &word, NULL, NULL, NULL, NULL};

/* A variable that is the pointer itself has a name, too. */
static int unexplained(const struct dsu_part *part)
{
	struct dsu_part named = *part;
	char name[72];

	if (dsu_x.redirected < dsu_x.nvariables && !strcmp(part->name, "it")) {
		dsu_name_variable(&dsu_x.variables[dsu_x.redirected], name, sizeof name);
		named.name = name;
	}
	return dsu_unexplained(&named);
}

/* Null, a constant such as MAP_FAILED, or what an address looks like. */
static int may_be_address(const struct dsu_part *part, char **slot)
{
	uintptr_t p;

	(void)part;
	memcpy(&p, slot, sizeof p);
	return !p || p + 4096 < 4096 || (p >= 4096 && p >> 47 == 0);
}

/* A word may be anything: only what looks like one object that changes counts. */
static int may_be_suspect(const char *p, const struct dsu_heap_block *b)
{
	for (unsigned i = 0; p == b->at && i < dsu_x.p->types.nsuspects; i++) {
		const struct dsu_type *t = dsu_x.p->types.suspects[i];

		if (t && t->to && dsu_fits(t, b) && b->size < t->size + b->slack &&
			dsu_scan(t, b->at, t->size, may_be_address))
			return 1;
	}
	return 0;
}

static int unowned(const struct dsu_part *part, const char *p, const struct dsu_heap_block *b)
{
	if (part == &word ? may_be_suspect(p, b) : dsu_suspected(b) != NULL) {
		const struct dsu_type *type = dsu_stays_as(b);

		return type ? dsu_take_block(type, b) : unexplained(part);
	}
	return !dsu_x.p->types.nsuspects || dsu_take_block(&words, b);
}

int dsu_new_address(const struct dsu_part *part, char *p, char **to)
{
	struct dsu_heap_block b;
	struct dsu_object *o;

	*to = p;
	if (p < (char *)4096)
		return 1;
	o = dsu_object_for(p, part, &b);
	if (!o && b.at && is_untyped(part))
		return unowned(part, p, &b);
	if (!o || !o->type->to || is_behind(o, p, part->of))
		return 1;
	if (part == &word && p > o->at && p < o->at + sizeof p)
		return dsu_xform_fail(
			"what may be an address with something in its lowest bits leads to "
			"an object that changes",
			o->type->name, NULL);
	*to = new_value(o, p, part->of);
	return *to ? 1
		   : dsu_xform_fail("a pointer leads to what the new version does not have",
			     o->type->name, part->name);
}

static int redirect(const struct dsu_part *part, char **slot)
{
	char *p, *to;

	memcpy(&p, slot, sizeof p);
	if (!dsu_new_address(part, p, &to))
		return 0;
	if (to == p)
		return 1;
	if (!dsu_x.redirecting)
		return logged(slot, to);
	memcpy(slot, &to, sizeof to);
	return 1;
}

int dsu_redirect(void)
{
	for (; dsu_x.redirected < dsu_x.n; dsu_x.redirected++) {
		struct dsu_object *o = &dsu_x.objects[dsu_x.redirected];
		int fresh = o->to != NULL;
		size_t size = dsu_size_of(o);
		const struct dsu_type *type = o->type;

		if (fresh && type->to) {
			size = dsu_has_tail(type) || dsu_is_shared(o)
				       ? dsu_new_size(o)
				       : size / type->size * type->to->size;
			type = type->to;
		}
		dsu_x.redirecting = fresh;
		if (type->nparts &&
			!dsu_scan(type, fresh ? o->to : dsu_bytes_of(o), size, redirect))
			return 0;
	}
	return 1;
}
