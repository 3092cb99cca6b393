/*
 * entries.c - redirecting functions, and looking first whether a patch's tables make sense.
 *
 * All through dsuctl's own mapping of the arena file, which also holds the family's text.
 */
#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "round.h"

/* Where dsuctl sees an address of the family's text or patches; null: neither. */
static char *seen(const struct round *r, uint64_t at, size_t n)
{
	const struct dsu_ledger *b = r->l;

	if (n <= b->text_size && at >= b->text && at - b->text <= b->text_size - n)
		return r->arena + b->text_offset + (at - b->text);
	if (n <= b->arena_size && at >= b->arena && at - b->arena <= b->arena_size - n)
		return r->arena + (at - b->arena);
	return NULL;
}

/* ---- redirecting entries ---- */

static struct dsu_redirect *redirects(
	const struct round *r, const struct dsu_applied *a, unsigned *n)
{
	const struct dsu_patch *d = (const void *)seen(r, a->patch, sizeof *d);
	struct dsu_redirect *e;

	*n = d ? d->nredirects : 0;
	e = *n ? (void *)seen(r, (uint64_t)d->redirects, *n * sizeof *e) : NULL;
	if (!e)
		*n = 0;
	return e;
}

/* What a redirect will overwrite. */
static char *entry(const struct round *r, const struct dsu_redirect *e)
{
	return seen(r, (uint64_t)e->old_entry - DSU_ENTRY_ROOM, DSU_ENTRY_ROOM + DSU_ENTRY_BYTES);
}

/* Before the stop: each entry has its room; what is there is kept for the way back. */
static void check_room(struct round *r, const struct dsu_applied *a)
{
	unsigned n;
	struct dsu_redirect *e = redirects(r, a, &n);

	for (unsigned i = 0; i < n; i++) {
		const char *at = entry(r, &e[i]);

		if (!at || !dsu_entry_has_room((const unsigned char *)at))
			because(r->why,
				"the function at %p has no room in front of its entry to be "
				"redirected",
				e[i].old_entry);
		else
			memcpy(e[i].was, at, sizeof e[i].was);
	}
}

static int in_arena(const struct round *r, const void *at)
{
	return (uint64_t)at - r->l->arena < r->l->arena_size;
}

static int in_program(const struct round *r, uint64_t at, size_t n)
{
	return at >= r->p->low && at <= r->p->high && n <= r->p->high - at;
}

/* A descriptor outside of the arena is the program's own. */
static int sane_function(const struct round *r, const struct dsu_func *at)
{
	const struct dsu_func *f = (const void *)seen(r, (uint64_t)at, sizeof *f);
	const struct dsu_var *vars;
	const struct dsu_cp *cps;
	uint64_t start = (uint64_t)at;

	if (!in_arena(r, at))
		return in_program(r, start, sizeof *f);
	if (!f || !seen(r, start + f->names, 1) ||
		!seen(r, start + offsetof(struct dsu_func, resume) + (uint64_t)f->resume, 1))
		return 0;
	vars = (const void *)seen(r, start + f->vars, f->nvar * sizeof *vars);
	cps = (const void *)seen(r, start + f->cps, f->ncp * sizeof *cps);
	if ((f->nvar && !vars) || (f->ncp && !cps))
		return 0;
	for (unsigned i = 0; i < f->nvar; i++)
		if (!seen(r, start + f->names + vars[i].name, 1))
			return 0;
	for (unsigned i = 1; i < f->ncp; i++) {
		uint64_t first = start + f->live + cps[i].live * sizeof(short);
		unsigned nlive = cps[i].nlive;
		const unsigned short *live = (const void *)seen(r, first, nlive * sizeof *live);

		if (nlive && !live)
			return 0;
		for (unsigned k = 0; k < nlive; k++)
			if (live[k] >= f->nvar)
				return 0;
	}
	return 1;
}

/* What the processes will read while they map their frames: `n` maps at `at`. */
static void check_maps(struct round *r, const struct dsu_framemap *at, unsigned n)
{
	const struct dsu_framemap *m;

	if (!n)
		return;
	m = (const void *)seen(r, (uint64_t)at, (uint64_t)n * sizeof *m);
	for (unsigned i = 0; m && i < n; i++)
		if (!seen(r, (uint64_t)m[i].key, 1) ||
			(m[i].to &&
				(!sane_function(r, m[i].to) ||
					!seen(r, (uint64_t)m[i].cps, m[i].ncp * sizeof(short))))) {
			m = NULL;
			break;
		}
	if (!m)
		because(r->why, "the patch's frame maps make no sense");
}

static int is_text(const struct round *r, const char *at)
{
	return seen(r, (uint64_t)at, 1) != NULL;
}

/* How one new frame gets its variables. */
static int sane_step(const struct round *r, const struct dsu_chain *c, const struct dsu_step *s)
{
	const struct dsu_value *v =
		(const void *)seen(r, (uint64_t)s->values, (uint64_t)s->nvalues * sizeof *v);

	if (!s->func || !sane_function(r, s->func) || s->cp <= 0 || (s->nvalues && !v))
		return 0;
	if (s->times && !seen(r, (uint64_t)s->times, 1))
		return 0;
	for (unsigned i = 0; i < s->nvalues; i++) {
		int made = v[i].how == DSU_MADE;

		if (!is_text(r, v[i].name) || v[i].how > DSU_MADE || v[i].link >= c->nfrom)
			return 0;
		if (made ? !seen(r, (uint64_t)v[i].make, 1) : !is_text(r, v[i].from))
			return 0;
	}
	return 1;
}

/* `n` variables of one of `frames` frames. */
static int sane_variables(
	const struct round *r, const struct dsu_framevar *at, unsigned n, unsigned frames)
{
	const struct dsu_framevar *v = (const void *)seen(r, (uint64_t)at, (uint64_t)n * sizeof *v);

	for (unsigned i = 0; i < n; i++)
		if (!v || v[i].frame >= frames || !is_text(r, v[i].name))
			return 0;
	return 1;
}

static int sane_chain(const struct round *r, const struct dsu_chain *c)
{
	const struct dsu_link *l =
		(const void *)seen(r, (uint64_t)c->from, (uint64_t)c->nfrom * sizeof *l);
	const struct dsu_step *s =
		(const void *)seen(r, (uint64_t)c->to, (uint64_t)c->nto * sizeof *s);

	/* the last one stands there once: a chain takes a frame at least */
	if (!c->nfrom || !c->nto || !l || !s || l[c->nfrom - 1].repeats)
		return 0;
	for (unsigned i = 0; i < c->nfrom; i++)
		if (!is_text(r, l[i].key))
			return 0;
	for (unsigned i = 0; i < c->nto; i++)
		if (!sane_step(r, c, &s[i]))
			return 0;
	return sane_variables(r, c->inputs, c->ninputs, c->nfrom) &&
	       sane_variables(r, c->homes, c->nhomes, c->nto);
}

static void check_chains(struct round *r, const struct dsu_chain *at, unsigned n)
{
	const struct dsu_chain *c = (const void *)seen(r, (uint64_t)at, (uint64_t)n * sizeof *c);

	for (unsigned i = 0; i < n; i++)
		if (!c || !sane_chain(r, &c[i])) {
			because(r->why, "the patch's chains of frames make no sense");
			return;
		}
}

static void check_initials(struct round *r, const struct dsu_patch *d)
{
	const struct dsu_initial *v =
		(const void *)seen(r, (uint64_t)d->initials, (uint64_t)d->ninitials * sizeof *v);

	for (unsigned i = 0; i < d->ninitials; i++)
		if (!v || v[i].size > sizeof v->was) {
			because(r->why, "the patch's initial values make no sense");
			return;
		}
}

/* `n` pointers at `at`, to what the processes will read. */
static int sane_pointers(const struct round *r, const void *at, unsigned n)
{
	const uint64_t *p = (const void *)seen(r, (uint64_t)at, n * sizeof *p);

	for (unsigned i = 0; i < n; i++)
		if (!p || (p[i] && !seen(r, p[i], 1)))
			return 0;
	return 1;
}

/* Pointers up to a null one; none at all is well, too. */
static int sane_list(const struct round *r, const void *at, size_t each)
{
	for (uint64_t i = (uint64_t)at; i; i += sizeof i) {
		const uint64_t *p = (const void *)seen(r, i, sizeof *p);

		if (!p || (*p && !seen(r, *p, each)))
			return 0;
		if (!*p)
			break;
	}
	return 1;
}

/* Of such a list. */
static int has_any(const struct round *r, const void *at)
{
	const uint64_t *first = at ? (const void *)seen(r, (uint64_t)at, sizeof *first) : NULL;

	return first && *first;
}

static int sane_types(const struct round *r, const struct dsu_types *t)
{
	return !t->walks ||
	       (sane_pointers(r, t->roots, t->nroots) && sane_pointers(r, t->locals, t->nlocals) &&
		       sane_pointers(r, t->suspects, t->nsuspects) &&
		       sane_pointers(r, t->holders, t->nholders));
}

static void check_lists(struct round *r, const struct dsu_patch *d)
{
	if (!sane_types(r, &d->types) || !sane_types(r, &d->types_back) ||
		!sane_list(r, d->hooks, sizeof **d->hooks) ||
		!sane_list(r, d->files, sizeof **d->files) ||
		!sane_list(r, d->allocators, sizeof **d->allocators))
		because(r->why, "the patch's lists make no sense");
}

void entries_check(struct round *r, const struct dsu_applied *a)
{
	const struct dsu_patch *d = (const void *)seen(r, a->patch, sizeof *d);

	check_room(r, a);
	if (!d)
		return;
	check_maps(r, d->maps, d->nmaps);
	check_maps(r, d->back, d->nback);
	check_chains(r, d->chains, d->nchains);
	check_chains(r, d->chains_back, d->nchains_back);
	check_initials(r, d);
	check_lists(r, d);
}

/* Why there is no way back from a patch in force; null: there is one. */
const char *entries_stay(const struct round *r, const struct dsu_applied *a)
{
	const struct dsu_patch *d = (const void *)seen(r, a->patch, sizeof *d);
	const char *why;

	if (!d)
		return "its tables are damaged";
	if (!d->stays)
		return NULL;
	why = seen(r, (uint64_t)d->stays, 1);
	return why ? why : "its tables are damaged";
}

/* Does it convert objects, on the way that is taken? */
int entries_walk(const struct round *r, const struct dsu_applied *a)
{
	const struct dsu_patch *d = (const void *)seen(r, a->patch, sizeof *d);

	return d && (r->l->reverting ? d->types_back : d->types).walks;
}

/* Does code of the user's run while the processes map themselves? As decide.c's has_code(). */
int entries_run_code(const struct round *r, const struct dsu_applied *a)
{
	const struct dsu_patch *d = (const void *)seen(r, a->patch, sizeof *d);

	if (!d)
		return 1;
	if (r->l->reverting)
		return d->types_back.walks || d->nchains_back;
	return d->types.walks || d->nchains || has_any(r, d->hooks) || has_any(r, d->files);
}

static int is_named(const struct round *r, const char *key, const char *name)
{
	const char *text = seen(r, (uint64_t)key, 1), *last = text ? strrchr(text, '$') : NULL;

	return text && !strcmp(last ? last + 1 : text, name);
}

/* The first of these places whose function is among `count` redirected ones; -1: none. */
static int among(
	const struct place *names, unsigned count, const struct place *at, const int *meant, int n)
{
	for (int k = 0; k < n; k++)
		for (unsigned i = 0; meant[k] && i < count; i++)
			if (!strcmp(names[i].function, at[k].function))
				return k;
	return -1;
}

static int redirects_one(const struct round *r, const struct dsu_applied *a, const struct place *at,
	const int *meant, int n)
{
	unsigned count;
	const struct dsu_redirect *e = redirects(r, a, &count);
	uint64_t *entries = calloc(count + 1, sizeof *entries);
	struct place *names = calloc(count + 1, sizeof *names);
	int found = n;

	if (entries && names) {
		for (unsigned i = 0; i < count; i++)
			entries[i] = (uint64_t)e[i].old_entry;
		places_functions(r->f, entries, names, (int)count);
		found = among(names, count, at, meant, n);
	}
	free(entries);
	free(names);
	return found;
}

/*
 * The first of these places that the patch changes, or takes away, on the way that is taken, by the
 * function's name, of any file's; `n`: no memory to tell; -1: none. `meant`: which to look at.
 */
int entries_change(const struct round *r, const struct dsu_applied *a, const struct place *at,
	const int *meant, int n)
{
	const struct dsu_patch *d = (const void *)seen(r, a->patch, sizeof *d);
	const struct dsu_framemap *maps = d ? (r->l->reverting ? d->back : d->maps) : NULL;
	unsigned count = d ? (r->l->reverting ? d->nback : d->nmaps) : 0;

	for (unsigned i = 0; i < count; i++) {
		const struct dsu_framemap *m =
			(const void *)seen(r, (uint64_t)(maps + i), sizeof *m);

		for (int k = 0; m && k < n; k++)
			if (meant[k] && is_named(r, m->key, at[k].function))
				return k;
	}
	return d ? redirects_one(r, a, at, meant, n) : n;
}

/* Forward, or back to what was there before. */
void entries_redirect(struct round *r, const struct dsu_applied *a)
{
	unsigned n;
	const struct dsu_redirect *e = redirects(r, a, &n);

	for (unsigned i = 0; i < n; i++) {
		char *at = entry(r, &e[i]);

		if (!at)
			continue;
		dsu_entry((unsigned char *)at, &e[i], r->l->reverting);
		if (i == 0)
			dsu_fault(dsuctl, redirect);
	}
}
