/*
 * entries.c - redirecting functions, and looking first whether a patch's tables make sense.
 *
 * All through dsuctl's own mapping of the arena file, which also holds the family's text.
 */
#include <string.h>

#include "arch.h"
#include "round.h"

/* Where dsuctl sees an address of the family's text or patches; null: neither. */
static char *seen(const struct round *r, uint64_t at, size_t n)
{
	const struct dsu_block *b = r->b;

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
		int nops = 0;

		for (int k = 0; at && k < DSU_ENTRY_ROOM; k++)
			nops += (unsigned char)at[k] == 0x90;
		if (!at || (nops != DSU_ENTRY_ROOM && memcmp(at, DSU_ENTRY_JUMP, 6)))
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
	return (uint64_t)at - r->b->arena < r->b->arena_size;
}

/* A descriptor outside of the arena is the program's own. */
static int sane_function(const struct round *r, const struct dsu_func *at)
{
	const struct dsu_func *f = (const void *)seen(r, (uint64_t)at, sizeof *f);
	const struct dsu_var *vars;
	const struct dsu_cp *cps;
	uint64_t start = (uint64_t)at;

	if (!in_arena(r, at))
		return 1;
	if (!f || !seen(r, start + f->names, 1) || !seen(r, (uint64_t)f->resume, 1))
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
		const unsigned short *live =
			(const void *)seen(r, first, cps[i].nlive * sizeof *live);

		if (cps[i].nlive && !live)
			return 0;
		for (unsigned k = 0; k < cps[i].nlive; k++)
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

void entries_check(struct round *r, const struct dsu_applied *a)
{
	const struct dsu_patch *d = (const void *)seen(r, a->patch, sizeof *d);

	check_room(r, a);
	if (!d)
		return;
	check_maps(r, d->maps, d->nmaps);
	check_maps(r, d->back, d->nback);
	check_initials(r, d);
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

/* Forward, or back to what was there before. */
void entries_redirect(struct round *r, const struct dsu_applied *a)
{
	unsigned n;
	const struct dsu_redirect *e = redirects(r, a, &n);

	for (unsigned i = 0; i < n; i++) {
		char *at = entry(r, &e[i]);

		if (!at)
			continue;
		dsu_entry((unsigned char *)at, &e[i], r->b->reverting);
		if (i == 0)
			dsu_fault(dsuctl, redirect);
	}
}
