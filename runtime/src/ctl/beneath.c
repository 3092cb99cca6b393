/*
 * beneath.c - what handlers of signals have interrupted, and stays where it is in an update.
 *
 * It goes on in the code that it stands in when the handler returns, if ever: so it must be code that the
 * update does not change, and nobody may ask what its variables hold.
 */
#include <stdlib.h>
#include <string.h>

#include "round.h"

/* Different pcs of all threads: processes that were forked in one handler have the same ones. */
struct seen {
	int n;
	uint64_t pcs[256];
	const struct member *of[256];
	struct place at[256];
	int meant[256]; /* is it code that a patch can change? */
};

static const char *const why_not =
	"a handler of a signal runs, and the patch looks at objects or runs code that what it has "
	"interrupted may be using";

/* 0: too many. */
static int note(struct seen *s, const struct member *m, uint64_t pc)
{
	for (int i = 0; i < s->n; i++)
		if (s->pcs[i] == pc)
			return 1;
	if (s->n == sizeof s->pcs / sizeof *s->pcs)
		return 0;
	s->of[s->n] = m;
	s->pcs[s->n++] = pc;
	return 1;
}

static int collect(struct round *r, struct seen *s)
{
	for (int i = 0; i < r->n; i++) {
		const struct member *m = &r->members[i];
		const struct dsu_slot *slot = &r->b->slots[m->slot];
		unsigned n = slot->nbeneath < DSU_BENEATH ? slot->nbeneath : DSU_BENEATH;

		for (unsigned k = 0; !m->ended && k < n; k++)
			if (!note(s, m, slot->beneath[k]))
				return 0;
	}
	return 1;
}

/* In the program's own code, or a patch's, but not in a library's. */
static int may_change(const struct dsu_ledger *b, uint64_t pc)
{
	return pc - b->text < b->text_size || pc - b->arena < b->arena_size;
}

static void look(struct round *r, const struct dsu_applied *a, struct seen *s)
{
	int found;

	places_functions(r->f, s->pcs, s->at, s->n);
	for (int i = 0; i < s->n; i++) {
		s->meant[i] = may_change(r->l, s->pcs[i]);
		/* Without a name it cannot be told from what the patch changes. */
		if (s->meant[i] && !strncmp(s->at[i].function, "0x", 2))
			because(r->why,
				"%s: a function without a symbol stands beneath a handler of a "
				"signal, "
				"at %s",
				member_name(s->of[i]), s->at[i].function);
	}
	found = entries_change(r, a, s->at, s->meant, s->n);
	if (found == s->n)
		because(r->why, "what stands beneath a handler of a signal cannot be told");
	else if (found >= 0)
		because(r->why,
			"%s: '%s', which the patch changes, stands beneath a handler of a signal",
			member_name(s->of[found]), s->at[found].function);
}

void say_what_is_beneath(struct round *r, const struct dsu_applied *a)
{
	int any = 0;
	struct seen *s;

	for (int i = 0; i < r->n && !any; i++)
		any = !r->members[i].ended && r->b->slots[r->members[i].slot].nbeneath;
	if (!any)
		return;
	s = calloc(1, sizeof *s);
	if (!s || !collect(r, s))
		because(r->why, "too much stands beneath handlers of signals");
	else if (entries_run_code(r, a))
		because(r->why, "%s: %s", member_name(s->of[0]), why_not);
	else
		look(r, a, s);
	r->why->passing = r->why->len ? PLACES : IT_STAYS;
	free(s);
}
