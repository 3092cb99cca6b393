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
 * and write is made where the process may be in a sandbox (`may_map` is 0). Each step has a file of
 * its own, xform_*.c; here they are begun, run and ended.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "carry.h"
#include "family.h"
#include "own.h"
#include "shared.h"
#include "specific.h"
#include "timers.h"
#include "xform_in.h"

DSU_TOUCHED struct dsu_objects dsu_x;

const char *dsu_xform_why;
char dsu_xform_where[192];

static const struct dsu_part any_part = {
	DSU_POINTER, 0, 1, sizeof(void *), NULL, "a variable", NULL, NULL, NULL};
const struct dsu_type dsu_any_pointer = {
	"void *", sizeof(void *), 0, 1, 0, &any_part, NULL, NULL, NULL, NULL};

int dsu_xform_fail(const char *why, const char *where, const char *what)
{
	dsu_xform_why = why;
	snprintf(dsu_xform_where, sizeof dsu_xform_where, "%s%s%s", where, what ? "." : "",
		what ? what : "");
	return 0;
}

void dsu_xform_runs(const char *name)
{
	dsu_x.converts = name;
}

int dsu_xform_refuse(const char *why, const char *name)
{
	return dsu_xform_fail(why, name, NULL);
}

void dsu_xform_trapped(const char *how)
{
	static char why[48];

	snprintf(why, sizeof why, "the mapping's code has ended by %s", how);
	if (dsu_x.converts)
		dsu_xform_fail(why, dsu_x.converts, NULL);
	else
		dsu_xform_fail("what the update has found in memory cannot be read", how, NULL);
}

static unsigned long count_roots(const struct dsu_patch *p)
{
	unsigned long n = 0, threads = 0;

	for (const struct dsu_thread *t = dsu_threads; t; t = t->next)
		threads++;

	for (unsigned i = 0; i < p->types.nroots; i++)
		for (const struct dsu_root *r = p->types.roots[i]; r->name; r++)
			n += r->flags & DSU_KEY || r->in_thread ? threads : 1;
	return n;
}

static int add(const struct dsu_moved *m, int done, int followed)
{
	if (dsu_x.n == dsu_x.nvariables)
		return dsu_xform_no_memory();
	dsu_x.objects[dsu_x.n] = (struct dsu_object){m->type, m->at, m->to};
	dsu_x.variables[dsu_x.n++] = (struct dsu_variable){
		m->bytes, m->goes, m->size, done, followed, m->name, m->function};
	return 1;
}

/* What the threads keep under a key: a copy of each pointer, to be followed like a variable. */
static int kept(const struct dsu_root *r)
{
	struct dsu_moved m = {.type = r->type, .size = sizeof(void *), .name = r->name};
	unsigned key;

	memcpy(&key, r->from, sizeof key);
	for (const struct dsu_thread *t = dsu_threads; t; t = t->next)
		for (unsigned i = 0; i < t->nspecifics; i++) {
			if (t->specifics[i].key != key)
				continue;
			m.bytes = dsu_xform_take(sizeof(void *));
			if (!m.bytes)
				return dsu_xform_no_memory();
			memcpy(m.bytes, &t->specifics[i].value, sizeof(void *));
			if (!add(&m, 1, 0))
				return 0;
		}
	return 1;
}

/* A thread-local variable: each thread has its own. */
static int each_thread(const struct dsu_root *r, struct dsu_moved *m)
{
	char *from = r->in_thread(), *to = r->to_in_thread ? r->to_in_thread() : NULL;

	for (const struct dsu_thread *t = dsu_threads; t; t = t->next) {
		m->bytes = m->at = dsu_of_thread(t, from);
		m->to = m->goes = to ? dsu_of_thread(t, to) : NULL;
		if (!add(m, r->flags & DSU_CONSTANT, r->flags & DSU_FOLLOWED))
			return 0;
	}
	return 1;
}

static int root(const struct dsu_root *r)
{
	struct dsu_moved m = {
		r->type, r->from, r->from, r->to, r->to, r->type->size, r->name, NULL};

	if (r->flags & DSU_KEY)
		return kept(r);
	if (r->in_thread)
		return each_thread(r, &m);
	return add(&m, r->flags & DSU_CONSTANT, r->flags & DSU_FOLLOWED);
}

int dsu_xform_begin(struct dsu_thread *t, const struct dsu_patch *p)
{
	size_t nblocks, variables = 0;

	memset(&dsu_x, 0, sizeof dsu_x);
	dsu_x.t = t;
	dsu_x.p = p;
	if (!p->types.walks)
		return 1;
	dsu_x.active = 1;
	dsu_x.may_map = !dsu_block->slots[dsu_slot].sandboxed;
	dsu_own_begin(p, dsu_xform_take);
	dsu_shared_begin();
	if (!dsu_x.may_map && p->allocators && *p->allocators)
		return dsu_xform_fail("a sandboxed process can use no allocator of its own",
			(*p->allocators)->name, NULL);
	if (!dsu_heap_look(dsu_xform_take, dsu_x.may_map, &nblocks))
		return dsu_xform_no_memory();
	for (const struct dsu_thread *i = dsu_threads; i; i = i->next)
		for (const struct dsu_record *r = i->records; r; r = r->inner)
			variables += dsu_cp_of(r->func, r->cp)->nlive;
	variables += count_roots(p);
	dsu_x.nvariables = variables;
	dsu_x.room = nblocks + variables + 512;
	dsu_x.objects = dsu_xform_take(dsu_x.room * sizeof *dsu_x.objects);
	dsu_x.variables = dsu_xform_take(variables * sizeof *dsu_x.variables);
	dsu_x.order = dsu_xform_take(variables * sizeof *dsu_x.order);
	if (!dsu_x.objects || !dsu_x.variables || !dsu_x.order)
		return dsu_xform_no_memory();
	for (unsigned i = 0; i < p->types.nroots; i++)
		for (const struct dsu_root *r = p->types.roots[i]; r->name; r++)
			if (!root(r))
				return 0;
	return 1;
}

/*
 * The type of a function's variable as its frame goes on, or as it is moved to another place; null:
 * not described, or no type has changed at all.
 */
const struct dsu_type *dsu_xform_type(const char *key, const char *name, int moved)
{
	for (unsigned i = 0; dsu_x.active && i < dsu_x.p->types.nlocals; i++)
		for (const struct dsu_locals *l = dsu_x.p->types.locals[i]; l->key; l++)
			for (unsigned k = 0; !strcmp(l->key, key) && k < l->n; k++)
				if (!strcmp(l->locals[k].name, name))
					return moved ? l->locals[k].moved : l->locals[k].type;
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

	if (!dsu_x.active)
		return 1;
	if (!add(m, 1, 0))
		return 0;
	for (size_t i = 0; type->to && i < m->size / type->size; i++) {
		const char *why = dsu_transform(
			type, m->bytes + i * type->size, m->to + i * type->to->size, type->size);

		if (why)
			return dsu_xform_fail(why, type->name, NULL);
	}
	return 1;
}

static int changes(const char *word)
{
	struct dsu_heap_block block;
	const struct dsu_object *o = dsu_find_object((char *)(uintptr_t)word, &block);

	if (o && o->type->to)
		return !dsu_xform_fail(
			"a library that waits may point to what changes", o->type->name, NULL);
	return 0;
}

/* Of a function that is known to wait, what it was given. */
static int any_argument_changes(const struct dsu_record *r)
{
	const struct dsu_cp *at = dsu_cp_of(r->func, r->cp);
	const char *bytes = r->bytes, *word;

	for (unsigned i = 0; i < at->nlive; i++) {
		const struct dsu_var *v = dsu_var_of(r->func, dsu_live_at(r->func, at, i));
		const char *name = dsu_var_name(r->func, v);

		memcpy(&word, bytes, v->size < sizeof word ? v->size : sizeof word);
		if (v->size == sizeof word && !strncmp(name, DSU_ARGUMENT, strlen(DSU_ARGUMENT)) &&
			changes(word))
			return 1;
		bytes += dsu_kept(v);
	}
	return 0;
}

/* Of any other, all that could be a pointer. */
static int any_word_changes(const struct dsu_thread *t)
{
	char *const *words = NULL;

	for (size_t n = dsu_carry_words(t, &words); n-- > 0; words++)
		if (changes(*words))
			return 1;
	return 0;
}

/* What a waiting library holds of the program's cannot be redirected. */
static int libraries_hold_none(void)
{
	for (const struct dsu_thread *t = dsu_threads; t; t = t->next) {
		const struct dsu_record *r = t->records;

		if (!dsu_carry_floor(t))
			continue;
		while (r->inner->inner) /* the innermost is the library's */
			r = r->inner;
		if (dsu_cp_of(r->func, r->cp)->kind == DSU_CP_WAIT ? any_argument_changes(r)
								   : any_word_changes(t))
			return 0;
	}
	return 1;
}

/* All variables are known by now. */
int dsu_xform_run(void)
{
	if (!dsu_x.active)
		return 1;
	dsu_sort_variables();
	dsu_x.nvariables = dsu_x.n;
	return dsu_discover() && libraries_hold_none() && dsu_convert() && dsu_redirect() &&
	       dsu_epoll_redirect() && dsu_specifics_redirect() && dsu_redirect() &&
	       dsu_timers_allow();
}

/* Decided: what stays points to what has moved. The blocks that it has left are free. */
void dsu_xform_commit(void)
{
	if (!dsu_x.active)
		return;
	for (const struct dsu_log *l = dsu_x.log; l; l = l->before)
		for (unsigned i = 0; i < l->n; i++)
			memcpy(l->changes[i].slot, &l->changes[i].value, sizeof(char *));
	for (size_t i = dsu_x.nvariables; i < dsu_x.n && dsu_x.may_map; i++) {
		struct dsu_object *o = &dsu_x.objects[i];

		if (!o->type->to || dsu_own_size(o->at) || dsu_is_shared(o))
			continue;
		if (dsu_pool_owns(o->at))
			dsu_pool_free(o->at);
		else
			free(o->at);
	}
	dsu_epoll_commit();
	dsu_shared_commit();
	dsu_own_end(1);
	if (dsu_x.pool_open)
		dsu_pool_keep();
	dsu_xform_give_back();
}

void dsu_xform_drop(void)
{
	if (!dsu_x.active)
		return;
	dsu_own_end(0);
	if (dsu_x.pool_open)
		dsu_pool_drop();
	dsu_xform_give_back();
}
