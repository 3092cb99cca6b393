/* apply.c - dsuctl apply, on trial or for good, and dsuctl check. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "audit.h"
#include "round.h"
#include "trial.h"

void right_version(const struct patch *p, const struct family *f, struct reasons *why)
{
	const struct dsu_patch *d = patch_at(p, p->patch_sym, sizeof *d);
	uint8_t version[20];
	char is[41], wants[41];

	family_version(f->ledger, version);
	if (!memcmp(version, d->from, 20))
		return;
	hex(is, version, 20);
	hex(wants, d->from, 20);
	because(why, "the patch is for version %s, the program is at %s", wants, is);
}

void timings_json(const struct timings *t, const struct reasons *why)
{
	printf("\"processes\": %d, \"threads\": %d, \"tries\": %d, \"stop_us\": %.1f, \"load_us\": "
	       "%.1f, "
	       "\"unroll_us\": %.1f, \"map_us\": %.1f, \"rebuild_us\": %.1f, \"total_us\": %.1f, "
	       "\"reason\": ",
		t->processes, t->threads, t->tries, t->stop_us, t->load_us, t->unroll_us, t->map_us,
		t->rebuild_us, t->total_us);
	if (why->len)
		json_string(why->text);
	else
		printf("null");
}

/* What came of an update, or would come of it. */
struct result {
	int done, on; /* it went through; the new version is in force */
	enum how how;
	struct timings t;
	struct reasons why;
	const struct trial *trial;
};

static void trial_json(const struct trial *t, int on)
{
	printf(", \"trial\": {\"seconds\": %g, \"watched_s\": %.3f, \"passed\": %s, "
	       "\"reverted\": %s, \"stuck\": ",
		t->seconds, t->watched, on && !t->why.len ? "true" : "false",
		t->reverted ? "true" : "false");
	if (t->stuck.len)
		json_string(t->stuck.text);
	else
		printf("null");
	printf("}");
}

static void print_json(const struct result *r)
{
	printf("{\"applied\": %s, ", r->on ? "true" : "false");
	timings_json(&r->t, &r->why);
	if (r->how == DSU_CHECK)
		printf(", \"possible\": %s", r->done ? "true" : "false");
	if (r->how == DSU_TRY)
		trial_json(r->trial, r->on);
	printf("}\n");
}

static void print_update(const struct result *r)
{
	const struct timings *t = &r->t;

	if (!r->done) {
		fprintf(stderr, "dsuctl: %s; the program runs on unchanged\n%s\n",
			r->how == DSU_CHECK ? "would not go through" : "not applied", r->why.text);
		return;
	}
	printf("%s: %d process%s, %.0f us in all (stop %.0f, unroll %.0f, map %.0f, rebuild %.0f; "
	       "load %.0f before)\n",
		r->how == DSU_CHECK ? "would go through" : "applied", t->processes,
		t->processes == 1 ? "" : "es", t->total_us, t->stop_us, t->unroll_us, t->map_us,
		t->rebuild_us, t->load_us);
	if (r->how == DSU_TRY)
		printf("on trial for %g s\n", r->trial->seconds);
	fflush(stdout);
}

static void print_trial(const struct trial *t)
{
	if (!t->why.len)
		printf("the trial of %g s is passed\n", t->seconds);
	else if (t->reverted)
		fprintf(stderr,
			"dsuctl: taken back after %.1f s; the old version is in force\n%s\n",
			t->watched, t->why.text);
	else
		fprintf(stderr,
			"dsuctl: the trial failed, and the update could not be taken back; the new "
			"version is in force\n%s\n%s\n",
			t->why.text, t->stuck.text);
}

/*
 * A thread that stands where the new version has no place for it runs on, and is asked again. Where all
 * others stand for one that cannot be taken apart, they do so longer with each round, for a program may
 * seldom come to where it can be updated; but they run three times as long as they have stood.
 */
static double rest_after(double stood, double least)
{
	return 3 * stood > least ? 3 * stood : least;
}

/* A check tells of the first places that have no counterpart: which they are is what it is for. */
static int asks_again(enum how how, const struct reasons *why)
{
	return how == DSU_CHECK ? why->passing == WAITING : why->passing != IT_STAYS;
}

int rounds(const struct family *f, struct patch *p, enum how how, double timeout, struct timings *t,
	struct reasons *why)
{
	double end = now_us() + timeout * 1e6;
	struct reasons said = {.len = 0};
	struct limits limits = {.stand = STAND_FIRST};
	double least = 10e3;

	for (int tries = 1;; tries++) {
		double rest;
		int done;

		limits.all = end - now_us();
		done = round_run(f, p, how, &limits, t, why);
		t->tries = tries;
		if (done)
			return 1;
		/* The time that was left was too short to stop all: that hinders nobody for good. */
		if (said.len && !why->passing && now_us() >= end)
			*why = said;
		rest = rest_after(t->stop_us, least);
		if (!asks_again(how, why) || now_us() + rest > end)
			return 0;
		said = *why;
		sleep_us(rest);
		*why = (struct reasons){.len = 0};
		least = least < 100e3 ? 2 * least : least;
		limits.stand = limits.stand < STAND_LONGEST ? 2 * limits.stand : limits.stand;
	}
}

/* The update went through; now the program is watched. */
static void try(struct result *r, const struct family *f, struct trial *trial, double timeout)
{
	if (trial_run(trial, f, timeout))
		return;
	r->on = !trial->reverted;
	r->why = trial->why;
}

static void apply(struct result *r, const struct family *f, struct patch *p, struct trial *trial,
	double timeout)
{
	check_private_text(f, &r->why);
	check_held(f, &r->why);
	r->done = !r->why.len && (r->how != DSU_TRY || trial_begin(trial, f, &r->why)) &&
		  rounds(f, p, r->how, timeout, &r->t, &r->why);
	r->on = r->done && r->how != DSU_CHECK;
}

static const char *outcome(const struct result *r)
{
	if (!r->done)
		return "refused";
	if (!r->trial->why.len)
		return "applied";
	return r->on ? "trial failed, not reverted" : "trial failed, reverted";
}

/* What the log will say of the patch, and that it was asked for. */
static int log_begin(struct audit *a, const struct family *f, const struct patch *p,
	const uint8_t signer[32], struct reasons *why)
{
	static const uint8_t nobody[32];
	const struct dsu_patch *d = patch_at(p, p->patch_sym, sizeof *d);

	a->patch = p->digest;
	a->from = d->from;
	a->to = d->to;
	a->signer = memcmp(signer, nobody, 32) ? signer : NULL;
	return audit_say(a, f, "asked", why);
}

int cmd_apply(
	pid_t pid, const char *path, enum how how, struct trial *trial, double timeout, int json)
{
	struct audit a = {.command = "apply", .file = path, .fd = -1};
	struct result r = {.how = how, .trial = trial};
	struct family f;
	struct patch p = {0};
	uint8_t signer[32] = {0};
	int code = family_open(&f, pid, &r.why);

	if (code == EXIT_DONE && (how == DSU_CHECK || audit_open(&a, &r.why)) &&
		patch_read(&p, path, &f, &r.why) && trust_check(&p, path, &f, signer, &r.why) &&
		log_begin(&a, &f, &p, signer, &r.why))
		apply(&r, &f, &p, trial, timeout);
	if (!json)
		print_update(&r);
	if (r.on && how == DSU_TRY) {
		audit_say(&a, &f, "on trial", &r.why);
		try(&r, &f, trial, timeout);
		if (!json)
			print_trial(trial);
	}
	audit_say(&a, &f, outcome(&r), &r.why);
	audit_close(&a);
	if (json)
		print_json(&r);
	trial_end(trial);
	patch_free(&p);
	family_close(&f);
	/* A process that dies after the decision is told of, and does not undo it. */
	return code != EXIT_DONE ? code : r.done && !trial->why.len ? EXIT_DONE : EXIT_REFUSED;
}
