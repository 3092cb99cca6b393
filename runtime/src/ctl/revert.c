/* revert.c - dsuctl revert: back to what the program was started as, patch by patch. */
#include <stdio.h>

#include "audit.h"
#include "round.h"

/* Each step is an update of its own; what they took together is told. */
static void add(struct timings *sum, const struct timings *t)
{
	sum->processes = t->processes;
	sum->threads = t->threads;
	sum->stop_us += t->stop_us;
	sum->load_us += t->load_us;
	sum->unroll_us += t->unroll_us;
	sum->map_us += t->map_us;
	sum->rebuild_us += t->rebuild_us;
	sum->tries += t->tries;
	sum->total_us += t->total_us;
}

static void version_text(const struct family *f, char text[41])
{
	uint8_t v[20];

	family_version(f->ledger, v);
	hex(text, v, 20);
}

static void report_json(const struct family *f, int done, int steps, double longest,
	const struct timings *t, const struct reasons *why)
{
	char version[41] = "";

	if (f->ledger)
		version_text(f, version);
	printf("{\"reverted\": %s, \"steps\": %d, \"version\": \"%s\", \"longest_us\": %.1f, ",
		done ? "true" : "false", steps, version, longest);
	timings_json(t, why);
	printf("}\n");
}

static void report(const struct family *f, int done, int steps, double longest,
	const struct timings *t, const struct reasons *why)
{
	char version[41] = "";

	if (f->ledger)
		version_text(f, version);
	if (!done && !steps)
		fprintf(stderr, "dsuctl: not reverted; the program runs on unchanged\n%s\n",
			why->text);
	else if (!done)
		fprintf(stderr, "dsuctl: only %d of the patches reverted; at version %s\n%s\n",
			steps, version, why->text);
	else
		printf("reverted: %d patch%s, %d process%s, the longest pause %.0f us; at version "
		       "%s\n",
			steps, steps == 1 ? "" : "es", t->processes, t->processes == 1 ? "" : "es",
			longest, version);
}

/* Patch by patch; gives how many, and sets `longest`. */
static int go_back(const struct family *f, int most, double timeout, struct timings *sum,
	double *longest, struct reasons *why)
{
	for (int steps = 0;; steps++) {
		struct timings t = {0};

		if ((steps && (!f->ledger->top || steps == most)) || why->len ||
			!rounds(f, NULL, DSU_APPLY, timeout, &t, why))
			return steps;
		add(sum, &t);
		*longest = t.total_us > *longest ? t.total_us : *longest;
	}
}

/* `most` patches, or all if it is 0. */
int cmd_revert(pid_t pid, int most, double timeout, int json)
{
	struct audit a = {.command = "revert", .fd = -1};
	struct reasons why = {.len = 0};
	struct timings sum = {0};
	struct family f;
	uint8_t from[20];
	double longest = 0;
	int steps = 0, done = 0, code = family_open(&f, pid, &why);

	if (code == EXIT_DONE && audit_open(&a, &why)) {
		family_version(f.ledger, from);
		a.from = from;
		check_private_text(&f, &why);
		check_held(&f, &why);
		if (!why.len && !f.ledger->top)
			because(&why,
				"no patch is in force: the program is what it was started as");
		if (!why.len && audit_say(&a, &f, "asked", &why))
			steps = go_back(&f, most, timeout, &sum, &longest, &why);
		done = steps && (!f.ledger->top || steps == most);
		audit_say(&a, &f, done ? "reverted" : steps ? "partly reverted" : "refused", &why);
	}
	audit_close(&a);
	(json ? report_json : report)(&f, done, steps, longest, &sum, &why);
	family_close(&f);
	return done ? EXIT_DONE : code == EXIT_DONE ? EXIT_REFUSED : code;
}
