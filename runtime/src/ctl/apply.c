/* apply.c - dsuctl apply, dsuctl check. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "round.h"

void right_version(const struct patch *p, const struct family *f, struct reasons *why)
{
	const struct dsu_patch *d = patch_at(p, p->patch_sym, sizeof *d);
	uint8_t version[20];
	char is[41], wants[41];

	family_version(f->block, version);
	if (!memcmp(version, d->from, 20))
		return;
	hex(is, version, 20);
	hex(wants, d->from, 20);
	because(why, "the patch is for version %s, the program is at %s", wants, is);
}

void timings_json(const struct timings *t, const struct reasons *why)
{
	printf("\"processes\": %d, \"threads\": %d, \"stop_us\": %.1f, \"load_us\": %.1f, "
	       "\"unroll_us\": %.1f, \"map_us\": %.1f, \"rebuild_us\": %.1f, \"total_us\": %.1f, "
	       "\"reason\": ",
		t->processes, t->threads, t->stop_us, t->load_us, t->unroll_us, t->map_us,
		t->rebuild_us, t->total_us);
	if (why->len)
		json_string(why->text);
	else
		printf("null");
}

static void print_json(int done, int commit, const struct timings *t, const struct reasons *why)
{
	printf("{\"applied\": %s, ", done && commit ? "true" : "false");
	timings_json(t, why);
	if (!commit)
		printf(", \"possible\": %s", done ? "true" : "false");
	printf("}\n");
}

static void print(int done, int commit, const struct timings *t, const struct reasons *why)
{
	if (!done) {
		fprintf(stderr, "dsuctl: %s; the program runs on unchanged\n%s\n",
			commit ? "not applied" : "would not go through", why->text);
		return;
	}
	printf("%s: %d process%s, %.0f us in all (stop %.0f, unroll %.0f, map %.0f, rebuild %.0f; "
	       "load %.0f before)\n",
		commit ? "applied" : "would go through", t->processes,
		t->processes == 1 ? "" : "es", t->total_us, t->stop_us, t->unroll_us, t->map_us,
		t->rebuild_us, t->load_us);
}

/* A thread that stands where the new version has no place for it runs on, and is asked again. */
int rounds(const struct family *f, struct patch *p, int commit, double timeout, struct timings *t,
	struct reasons *why)
{
	double end = now_us() + timeout * 1e6;

	for (double pause = 10e3;; pause = pause < 100e3 ? 2 * pause : pause) {
		struct timespec ns = {0, (long)pause * 1000};

		if (round_run(f, p, commit, (end - now_us()) / 1e6, t, why))
			return 1;
		if (!commit || !why->passing || now_us() + pause > end)
			return 0;
		nanosleep(&ns, NULL);
		*why = (struct reasons){.len = 0};
	}
}

int cmd_apply(pid_t pid, const char *path, int commit, double timeout, int json)
{
	struct reasons why = {.len = 0};
	struct timings t = {0};
	struct family f;
	struct patch p = {0};
	int done = 0, code = family_open(&f, pid, &why);

	if (code == EXIT_DONE && patch_read(&p, path, &f, &why)) {
		check_private_text(&f, &why);
		done = !why.len && rounds(&f, &p, commit, timeout, &t, &why);
	}
	if (json)
		print_json(done, commit, &t, &why);
	else
		print(done, commit, &t, &why);
	patch_free(&p);
	family_close(&f);
	return done ? EXIT_DONE : code == EXIT_DONE ? EXIT_REFUSED : code;
}
