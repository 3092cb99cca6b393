/*
 * map.c - records of the old version become records of the new.
 *
 * The old records stay as they are: until the decision, going back means using them. New homes
 * are made beneath the old ones; nothing is written to the stack here.
 */
#include <string.h>

#include "family.h"

struct map {
	struct dsu_thread *t;
	const char **why, **where;
};

static const struct dsu_framemap *find(
	const struct dsu_patch *p, const struct dsu_func *f, int *other)
{
	*other = 0;
	for (unsigned i = 0; i < p->nmaps; i++)
		if (!strcmp(p->maps[i].key, f->key)) {
			if (p->maps[i].old_digest == f->digest)
				return &p->maps[i];
			*other = 1;
		}
	return NULL;
}

/* The variable's bytes in the old record; null: not live there. */
static const char *old_value(
	const struct dsu_record *r, const char *name, const struct dsu_var **var)
{
	const struct dsu_cp *at = &r->func->cps[r->cp];
	const char *p = r->bytes;

	for (unsigned i = 0; i < at->nlive; i++) {
		*var = &r->func->vars[at->live[i]];
		if (!strcmp((*var)->name, name))
			return p;
		p += (*var)->flags & DSU_PINNED ? sizeof(char *) : (*var)->size;
	}
	return NULL;
}

static char *new_home(struct dsu_thread *t, const char *bytes, size_t size)
{
	struct dsu_home *h = dsu_scratch(t, sizeof *h);
	char *low = t->new_low ? t->new_low : dsu_landing_sp(t->landing);

	low = (char *)(((uintptr_t)low - size) & ~(uintptr_t)63);
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
	return new_home(t, memset(dsu_scratch(t, size), 0, size), size);
}

static int variable(struct map *m, const struct dsu_record *r, const struct dsu_var *v, char **to)
{
	const struct dsu_var *old;
	const char *from = old_value(r, v->name, &old);
	char *home;

	if (!from && v->flags & DSU_PINNED) {
		home = fresh_home(m->t, v->size);
		memcpy(*to, &home, sizeof home);
		*to += sizeof home;
		return 1;
	}
	if (!from || old->size != v->size) {
		*m->why = from ? "a variable changed its size"
			       : "a variable has no value in the old frame";
		*m->where = v->name;
		return 0;
	}
	if (old->flags & DSU_PINNED)
		memcpy(&home, from, sizeof home);
	if (v->flags & DSU_PINNED) {
		if (!(old->flags & DSU_PINNED))
			home = new_home(m->t, from, v->size);
		memcpy(*to, &home, sizeof home);
		*to += sizeof home;
		return 1;
	}
	memcpy(*to, old->flags & DSU_PINNED ? dsu_home_bytes(m->t, home) : from, v->size);
	*to += v->size;
	return 1;
}

static struct dsu_record *frame(
	struct map *m, const struct dsu_patch *p, const struct dsu_record *r)
{
	int other;
	const struct dsu_framemap *fm = find(p, r->func, &other);
	struct dsu_record *n = dsu_scratch(m->t, sizeof *n);
	const struct dsu_cp *at;
	size_t size = 0;
	char *to;

	*n = *r;
	*m->where = r->func->key;
	if (!fm && !other)
		return n; /* the function is as it was */
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
	at = &fm->to->cps[n->cp];
	for (unsigned i = 0; i < at->nlive; i++) {
		const struct dsu_var *v = &fm->to->vars[at->live[i]];

		size += v->flags & DSU_PINNED ? sizeof(char *) : v->size;
	}
	to = n->bytes = dsu_scratch(m->t, size);
	for (unsigned i = 0; i < at->nlive; i++)
		if (!variable(m, r, &fm->to->vars[at->live[i]], &to))
			return NULL;
	return n;
}

int dsu_map(struct dsu_thread *t, const struct dsu_patch *p, struct dsu_record **out,
	const char **why, const char **where)
{
	struct map m = {t, why, where};

	*why = NULL;
	t->new_homes = t->homes;
	t->new_low = t->low;
	for (const struct dsu_record *r = t->records; r; r = r->inner) {
		*out = frame(&m, p, r);
		if (!*out)
			return 0;
		out = &(*out)->inner;
	}
	*out = NULL;
	return 1;
}
