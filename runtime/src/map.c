/*
 * map.c - records of the old version become records of the new.
 *
 * The old records stay as they are: until the decision, going back means using them. New homes
 * are made beneath the old ones; nothing is written to the stack here.
 */
#include <string.h>

#include "map.h"

static const struct dsu_framemap *find(
	const struct dsu_patch *p, const struct dsu_func *f, int *other)
{
	*other = 0;
	for (unsigned i = 0; i < p->nmaps; i++)
		if (!strcmp(p->maps[i].key, dsu_key(f))) {
			if (p->maps[i].old_digest == f->digest)
				return &p->maps[i];
			*other = 1;
		}
	return NULL;
}

/* The variable's bytes in a record; null: not live there. */
const char *dsu_value_in(const struct dsu_record *r, const char *name, const struct dsu_var **var)
{
	const struct dsu_cp *at = dsu_cp_of(r->func, r->cp);
	const char *p = r->bytes;

	for (unsigned i = 0; i < at->nlive; i++) {
		*var = dsu_var_of(r->func, dsu_live_at(r->func, at, i));
		if (!strcmp(dsu_var_name(r->func, *var), name))
			return p;
		p += dsu_kept(*var);
	}
	return NULL;
}

char *dsu_new_home(struct dsu_thread *t, const char *bytes, size_t size)
{
	struct dsu_home *h = dsu_scratch(t, sizeof *h);
	char *low = t->new_low ? t->new_low : dsu_base_sp(t);

	/* Not right beneath another home: its address would be one past this one's end. */
	low = (char *)(((uintptr_t)low - size - 1) & ~(uintptr_t)63);
	h->addr = low;
	h->bytes = bytes;
	h->size = size;
	h->next = t->new_homes;
	t->new_homes = h;
	t->new_low = low;
	return low;
}

/*
 * A place for what the new version names only later. dsupatch lets no variable through that has a
 * value by now in the new version and none in the old.
 */
static char *fresh_home(struct dsu_thread *t, size_t size)
{
	return dsu_new_home(t, memset(dsu_scratch(t, size), 0, size), size);
}

/* The object in the old frame, and in the new one: where pointers see it, and its bytes. */
int dsu_carry_pointers(struct dsu_map *m, struct dsu_moved *v)
{
	if (v->type && !dsu_xform_variable(v)) {
		*m->why = dsu_xform_why;
		*m->where = dsu_xform_where;
		return 0;
	}
	return 1;
}

static const struct dsu_type *type_of(const struct dsu_func *f, const struct dsu_var *v, int moved)
{
	const struct dsu_type *type = dsu_xform_type(dsu_key(f), dsu_var_name(f, v), moved);

	return type || !(v->flags & DSU_ADDRESS) ? type : &dsu_any_pointer;
}

/* A variable of which both versions have the value. */
static int carry(struct dsu_map *m, const struct dsu_moved *was, const struct dsu_var *v, char **to)
{
	struct dsu_moved now = *was;
	int changes = was->type && was->type->to;

	if (dsu_xform_size(was->type, was->size) != v->size) {
		*m->why = "a variable changed its size";
		*m->where = m->name;
		return 0;
	}
	if (!(v->flags & DSU_PINNED)) {
		now.to = *to;
		*to += v->size;
	} else if (changes || !was->at) {
		now.to = memset(dsu_scratch(m->t, v->size), 0, v->size);
		now.goes = dsu_new_home(m->t, now.to, v->size);
	}
	if (v->flags & DSU_PINNED) {
		char *home = now.goes ? now.goes : was->at;

		memcpy(*to, &home, sizeof home);
		*to += sizeof home;
	}
	if (now.to && !changes)
		memcpy(now.to, was->bytes, v->size);
	return dsu_carry_pointers(m, &now);
}

/* One of which the old frame has no value. */
int dsu_carry_fresh(struct dsu_map *m, const struct dsu_var *v, char **to)
{
	char *home;

	if (!(v->flags & DSU_PINNED)) {
		*m->why = "a variable has no value in the old frame";
		*m->where = m->name;
		return 0;
	}
	home = fresh_home(m->t, v->size);
	memcpy(*to, &home, sizeof home);
	*to += sizeof home;
	return 1;
}

/* One that is the variable `from` of an old frame: of this function's, or of any in a chain. */
int dsu_carry(struct dsu_map *m, const struct dsu_record *r, const char *from_name,
	const struct dsu_var *v, enum dsu_carry how, char **to)
{
	const struct dsu_var *old;
	const char *from = dsu_value_in(r, from_name, &old);
	struct dsu_moved was = {.bytes = (char *)(uintptr_t)from};

	if (!from)
		return dsu_carry_fresh(m, v, to);
	was.function = dsu_key(r->func);
	was.name = dsu_var_name(r->func, old);
	if (old->flags & DSU_PINNED) {
		memcpy(&was.at, from, sizeof was.at);
		was.bytes = (char *)(uintptr_t)dsu_home_bytes(m->t, was.at);
	}
	if (how == DSU_CARRY_COPY)
		was.at = NULL;
	was.type = type_of(r->func, old, how != DSU_CARRY_ON);
	was.size = old->size;
	return carry(m, &was, v, to);
}

/* All variables of a record of the new version. */
static int fill(struct dsu_map *m, const struct dsu_record *old, struct dsu_record *n)
{
	const struct dsu_cp *at = dsu_cp_of(n->func, n->cp);
	char *to = n->bytes = dsu_scratch(m->t, dsu_record_bytes(n->func, n->cp));

	for (unsigned i = 0; i < at->nlive; i++) {
		const struct dsu_var *v = dsu_var_of(n->func, dsu_live_at(n->func, at, i));

		m->name = dsu_var_name(n->func, v);
		if (!dsu_carry(m, old, m->name, v, DSU_CARRY_ON, &to))
			return 0;
	}
	return 1;
}

static struct dsu_record *frame(
	struct dsu_map *m, const struct dsu_patch *p, const struct dsu_record *r)
{
	int other;
	const struct dsu_framemap *fm = find(p, r->func, &other);
	struct dsu_record *n = dsu_scratch(m->t, sizeof *n);

	*n = *r;
	*m->where = dsu_key(r->func);
	if (!fm &&
		!other) /* the function is as it was; where types change, its pointers may not be */
		return !p->types.walks || fill(m, r, n) ? n : NULL;
	if (!fm) {
		*m->why = "an active function is of a version that the patch does not know";
		return NULL;
	}
	if (!fm->to) {
		*m->why = "an active function has no counterpart";
		return NULL;
	}
	n->func = fm->to;
	n->cp = (unsigned)r->cp < fm->ncp ? fm->cps[r->cp] : -1;
	if (n->cp <= 0 || (unsigned)n->cp >= fm->to->ncp || fm->to->abi != DSU_ABI) {
		*m->why = "a continuation point has no counterpart";
		return NULL;
	}
	return fill(m, r, n) ? n : NULL;
}

int dsu_map(struct dsu_thread *t, const struct dsu_patch *p, struct dsu_record **out,
	const char **why, const char **where)
{
	struct dsu_map m = {t, NULL, why, where};

	*why = NULL;
	t->new_homes = t->homes;
	t->new_low = t->low;
	for (const struct dsu_record *r = t->records; r;) {
		if (dsu_map_chain(&m, p, &r, &out))
			continue;
		if (!*why)
			*out = frame(&m, p, r);
		if (*why)
			return 0;
		out = &(*out)->inner;
		r = r->inner;
	}
	*out = NULL;
	return 1;
}
