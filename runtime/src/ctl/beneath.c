/*
 * beneath.c - what handlers of signals have interrupted, and stays where it is in an update.
 *
 * It goes on in the code that it stands in when the handler returns, if ever: so it must be code that the
 * update does not change, and nobody may ask what its variables hold.
 */
#include <stdlib.h>
#include <string.h>

#include "round.h"

#define MOST (sizeof((struct dsu_slot *)0)->beneath / sizeof(uint64_t))

static unsigned count(const struct dsu_slot *s)
{
	return s->nbeneath < MOST ? s->nbeneath : MOST;
}

static const char *in_the_way(const struct round *r, const struct dsu_applied *a, struct place *at,
	unsigned n, const struct dsu_slot *s)
{
	uint64_t pcs[MOST];

	memcpy(pcs, s->beneath, sizeof pcs);
	places_functions(r->f, pcs, at, (int)n);
	for (unsigned i = 0; i < n; i++)
		if (entries_change(r, a, at[i].function))
			return at[i].function;
	return NULL;
}

void say_what_is_beneath(struct round *r, const struct dsu_applied *a)
{
	struct place *at = NULL;

	for (int i = 0; i < r->n; i++) {
		const struct member *m = &r->members[i];
		const struct dsu_slot *s = &r->b->slots[m->slot];
		unsigned n = count(s);
		const char *name;

		if (!n || m->ended)
			continue;
		if (!at && !(at = calloc(MOST, sizeof *at))) {
			because(r->why, "no memory");
			return;
		}
		if (entries_run_code(r, a))
			because(r->why,
				"%s: a handler of a signal runs, and the patch looks at objects or "
				"runs "
				"code that what it has interrupted may be using",
				member_name(m));
		else if ((name = in_the_way(r, a, at, n, s)))
			because(r->why,
				"%s: '%s', which the patch changes, stands beneath a handler of a "
				"signal",
				member_name(m), name);
	}
	if (at)
		r->why->passing = r->why->len > 0;
	free(at);
}
