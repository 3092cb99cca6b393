/*
 * chain.c - frames of the old version that become other frames, as many as the user says.
 *
 * A chain of the patch is looked for from each record inwards. What the functions that make values
 * read is collected first: aligned copies, since records are packed.
 */
#include <string.h>

#include "map.h"

#define MOST 4096UL /* frames that one may become: the stack has to have room for them */

struct found {
	const struct dsu_chain *c;
	const struct dsu_record **first; /* of each link; meaningless where there is none */
	unsigned long *times;
	const void *const **in;
	struct dsu_record **made; /* the first of each step; null: there is none */
	unsigned long *many;      /* of each step */
	void **homes;
};

static int is_link(const struct dsu_link *l, const struct dsu_record *r)
{
	return r && r->cp == l->cp && r->func->digest == l->digest &&
	       !strcmp(dsu_key(r->func), l->key);
}

/* The record behind the chain's last, by `behind`; 0: it does not begin at `r`. */
static int match(struct found *f, const struct dsu_record *r, const struct dsu_record **behind)
{
	for (unsigned i = 0; i < f->c->nfrom; i++) {
		const struct dsu_link *l = &f->c->from[i];

		f->first[i] = r;
		f->times[i] = 0;
		do {
			if (!is_link(l, r))
				break;
			f->times[i]++;
			r = r->inner;
		} while (l->repeats);
		if (!f->times[i] && !l->repeats)
			return 0;
	}
	*behind = r;
	return 1;
}

/* Where the bytes of a variable are, aligned; null: the frame has no value of it. */
static const void *input(struct dsu_map *m, const struct dsu_record *r, const char *name)
{
	const struct dsu_var *v;
	const char *p = dsu_value_in(r, name, &v);
	char *home;

	if (!p) {
		*m->why = "a variable has no value in the old frame";
		*m->where = name;
		return NULL;
	}
	if (v->flags & DSU_PINNED) {
		memcpy(&home, p, sizeof home);
		p = dsu_home_bytes(m->t, home);
	}
	return memcpy(dsu_scratch(m->t, v->size), p, v->size);
}

static int inputs(struct dsu_map *m, struct found *f)
{
	for (unsigned i = 0; i < f->c->ninputs; i++) {
		const struct dsu_framevar *n = &f->c->inputs[i];
		const struct dsu_record *r = f->first[n->frame];
		const void **at = dsu_scratch(m->t, (f->times[n->frame] + 1) * sizeof *at);

		for (unsigned long k = 0; k < f->times[n->frame]; k++, r = r->inner) {
			at[k] = input(m, r, n->name);
			if (!at[k])
				return 0;
		}
		f->in[i] = at;
	}
	return 1;
}

static const struct dsu_value *value_of(const struct dsu_step *s, const char *name)
{
	for (unsigned i = 0; i < s->nvalues; i++)
		if (!strcmp(s->values[i].name, name))
			return &s->values[i];
	return NULL;
}

/* Room for a value that is made when all homes are known. */
static void room(struct dsu_map *m, const struct dsu_var *v, char **to)
{
	char *home;

	if (v->flags & DSU_PINNED) {
		home = dsu_new_home(m->t, memset(dsu_scratch(m->t, v->size), 0, v->size), v->size);
		memcpy(*to, &home, sizeof home);
	}
	*to += dsu_kept(v);
}

static int variable(struct dsu_map *m, const struct found *f, const struct dsu_step *s,
	const struct dsu_var *v, char **to)
{
	const struct dsu_value *a = value_of(s, m->name);

	if (!a)
		return dsu_carry_fresh(m, v, to);
	if (a->how != DSU_MADE)
		return dsu_carry(m, f->first[a->link], a->from, v,
			a->how == DSU_COPIED ? DSU_CARRY_COPY : DSU_CARRY_MOVE, to);
	room(m, v, to);
	return 1;
}

/* One new frame. `near` is an old one of the chain. */
static struct dsu_record *frame(struct dsu_map *m, const struct found *f, const struct dsu_step *s,
	const struct dsu_record *near)
{
	struct dsu_record *n = dsu_scratch(m->t, sizeof *n);
	const struct dsu_cp *at;
	char *to;

	*n = *near;
	n->func = s->func;
	n->cp = s->cp;
	*m->where = dsu_key(s->func);
	if (n->cp <= 0 || (unsigned)n->cp >= s->func->ncp || s->func->abi != DSU_ABI) {
		*m->why = "a chain of frames leads to a continuation point that is not there";
		return NULL;
	}
	at = dsu_cp_of(n->func, n->cp);
	to = n->bytes = dsu_scratch(m->t, dsu_record_bytes(n->func, n->cp));
	for (unsigned i = 0; i < at->nlive; i++) {
		const struct dsu_var *v = dsu_var_of(n->func, dsu_live_at(n->func, at, i));

		m->name = dsu_var_name(n->func, v);
		if (!variable(m, f, s, v, &to))
			return NULL;
	}
	return n;
}

static int many(
	struct dsu_map *m, const struct found *f, const struct dsu_step *s, unsigned long *times)
{
	*times = 1;
	if (s->times)
		s->times(f->in, f->times, NULL, 0, times);
	if (*times <= MOST)
		return 1;
	*m->why = "it would become more frames than a stack may have room for";
	*m->where = dsu_key(s->func);
	return 0;
}

static int frames(
	struct dsu_map *m, struct found *f, const struct dsu_record *near, struct dsu_record ***out)
{
	for (unsigned i = 0; i < f->c->nto; i++) {
		f->made[i] = NULL;
		if (!many(m, f, &f->c->to[i], &f->many[i]))
			return 0;
		for (unsigned long k = 0; k < f->many[i]; k++) {
			**out = frame(m, f, &f->c->to[i], near);
			if (!**out)
				return 0;
			f->made[i] = k ? f->made[i] : **out;
			*out = &(**out)->inner;
		}
	}
	return 1;
}

/* Where pinned variables of the new frames will be. */
static int homes(struct dsu_map *m, struct found *f)
{
	for (unsigned i = 0; i < f->c->nhomes; i++) {
		const struct dsu_framevar *h = &f->c->homes[i];
		const struct dsu_record *r = f->made[h->frame];
		const struct dsu_var *v;
		const char *home = r ? dsu_value_in(r, h->name, &v) : NULL;

		if (!home || !(v->flags & DSU_PINNED)) {
			*m->why = "a variable has no address in the new frames";
			*m->where = h->name;
			return 0;
		}
		memcpy(&f->homes[i], home, sizeof f->homes[i]);
	}
	return 1;
}

/* What is on its way to a home made by room(). */
static char *at_home(struct dsu_map *m, const char *record)
{
	char *home;

	memcpy(&home, record, sizeof home);
	for (const struct dsu_home *h = m->t->new_homes; h; h = h->next)
		if (h->addr == home)
			return (char *)(uintptr_t)h->bytes;
	return NULL;
}

/* The values of one new frame that the patch's functions make; these want aligned memory. */
static void make(struct dsu_map *m, const struct found *f, const struct dsu_step *s,
	unsigned long index, const struct dsu_record *n)
{
	for (unsigned i = 0; i < s->nvalues; i++) {
		const struct dsu_value *a = &s->values[i];
		const struct dsu_var *v;
		char *to, *bytes;

		if (a->how != DSU_MADE)
			continue;
		to = (char *)(uintptr_t)dsu_value_in(n, a->name, &v);
		if (to && v->flags & DSU_PINNED)
			to = at_home(m, to);
		if (!to)
			continue;
		bytes = memset(dsu_scratch(m->t, v->size), 0, v->size);
		a->make(f->in, f->times, f->homes, index, bytes);
		memcpy(to, bytes, v->size);
	}
}

static int become(
	struct dsu_map *m, struct found *f, const struct dsu_record *near, struct dsu_record ***out)
{
	struct dsu_record **begin = *out;
	const struct dsu_record *n;

	if (!inputs(m, f) || !frames(m, f, near, out) || !homes(m, f))
		return 0;
	n = *begin;
	for (unsigned i = 0; i < f->c->nto; i++)
		for (unsigned long k = 0; k < f->many[i]; k++, n = n->inner)
			make(m, f, &f->c->to[i], k, n);
	return 1;
}

static struct found room_for(struct dsu_map *m, const struct dsu_chain *c)
{
	struct found f;

	f.c = c;
	f.first = dsu_scratch(m->t, c->nfrom * sizeof *f.first);
	f.times = dsu_scratch(m->t, c->nfrom * sizeof *f.times);
	f.in = dsu_scratch(m->t, c->ninputs * sizeof *f.in + 1);
	f.made = dsu_scratch(m->t, c->nto * sizeof *f.made);
	f.many = dsu_scratch(m->t, c->nto * sizeof *f.many);
	f.homes = dsu_scratch(m->t, c->nhomes * sizeof *f.homes + 1);
	return f;
}

int dsu_map_chain(struct dsu_map *m, const struct dsu_patch *p, const struct dsu_record **r,
	struct dsu_record ***out)
{
	for (unsigned i = 0; i < p->nchains; i++) {
		struct found f = room_for(m, &p->chains[i]);
		const struct dsu_record *behind;

		if (!match(&f, *r, &behind))
			continue;
		if (!become(m, &f, *r, out))
			return 0;
		*r = behind;
		return 1;
	}
	return 0;
}
