/*
 * probe.c - dsuctl probe: how long does it take until all threads stand still, and who is last.
 *
 * Each stop is the first phase of an update, and then all go back. Times of threads are compared
 * by their ticks, those of stops are dsuctl's own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "round.h"

#define SHOWN 8

/* The thread that came last to a stop. */
struct last {
	double us;
	uint64_t pc; /* of the update point that it came to */
	int blocked; /* it had come to points before where it could not stop */
	char why[208];
};

/* A point by source line, and the stops that had to wait for it. */
struct slow {
	struct place place;
	const struct last *worst;
	int stops;
	double median_us;
};

struct probe {
	int asked, stopped, missed;
	int processes, threads;
	struct last *last; /* one for each stop, `stopped` of them */
	struct slow *slow;
	int nslow;
};

/* Programs have rhythms of their own, which the stops must not follow. */
static void pause_a_while(void)
{
	sleep_us(1e3 + (double)(random() % 18000));
}

static void note(struct probe *b, const struct round *r, double us)
{
	struct last *l = &b->last[b->stopped++];
	const struct dsu_slot *slowest = NULL;

	b->processes = count_processes(r->members, r->n);
	b->threads = 0;
	for (int i = 0; i < r->n; i++) {
		const struct dsu_slot *s = &r->b->slots[r->members[i].slot];

		if (r->members[i].ended)
			continue;
		b->threads++;
		if (!slowest || s->arrived > slowest->arrived)
			slowest = s;
	}
	l->us = us;
	l->pc = slowest ? slowest->point : 0;
	l->blocked = slowest && slowest->blocked;
	if (l->blocked)
		snprintf(l->why, sizeof l->why, "%.200s", slowest->why);
}

static void stop_once(struct probe *b, struct round *r, double timeout, struct reasons *missed)
{
	struct reasons here = {.len = 0};
	double start = now_us(), us;
	int ok;

	r->why = &here;
	r->deadline = start + timeout * 1e6;
	r->stand = STAND_LONGEST;
	memset(r->reported, 0, sizeof r->reported);
	ok = round_stop(r);
	us = now_us() - start;
	if (ok) {
		r->n = family_members(r->f, r->members);
		note(b, r, us);
	} else {
		b->missed++;
		if (!missed->len)
			because(missed, "%.3000s", here.text);
	}
	round_go_back(r);
	r->why = missed;
}

/* ---- what it comes to ---- */

static int by_time(const void *a, const void *b)
{
	double x = ((const struct last *)a)->us, y = ((const struct last *)b)->us;

	return (x > y) - (x < y);
}

static int by_worst(const void *a, const void *b)
{
	return by_time(((const struct slow *)b)->worst, ((const struct slow *)a)->worst);
}

/* `last` is sorted. */
static double percentile(const struct probe *b, int percent)
{
	return b->stopped ? b->last[(b->stopped - 1) * percent / 100].us : 0;
}

static struct slow *slow_at(struct probe *b, const struct place *p)
{
	for (int i = 0; i < b->nslow; i++)
		if (b->slow[i].place.line == p->line &&
			!strcmp(b->slow[i].place.function, p->function) &&
			!strcmp(b->slow[i].place.file, p->file))
			return &b->slow[i];
	b->slow[b->nslow].place = *p;
	return &b->slow[b->nslow++];
}

/* Index of a stop's address among those that have been seen; a program has few points. */
static int index_of(uint64_t *pcs, int *n, uint64_t pc)
{
	for (int i = 0; i < *n; i++)
		if (pcs[i] == pc)
			return i;
	pcs[*n] = pc;
	return (*n)++;
}

static double median_of(const struct probe *b, const int *of, int which, int stops)
{
	int k = 0;

	for (int seen = 0; k < b->stopped; k++)
		if (of[k] == which && seen++ == (stops - 1) / 2)
			break;
	return b->last[k].us;
}

/* By line and not by address: a line may have several points, and two variants. */
static int group(struct probe *b, const struct family *f)
{
	size_t n = (size_t)b->stopped + 1;
	struct place *places = calloc(n, sizeof *places);
	uint64_t *pcs = calloc(n, sizeof *pcs);
	int *of = calloc(n, sizeof *of), ok = places && pcs && of, npcs = 0;

	for (int i = 0; ok && i < b->stopped; i++)
		of[i] = index_of(pcs, &npcs, b->last[i].pc);
	if (ok)
		places_find(f, pcs, places, npcs);
	for (int i = 0; ok && i < b->stopped; i++) {
		struct slow *s = slow_at(b, &places[of[i]]);

		s->worst = &b->last[i]; /* they come in the order of their times */
		s->stops++;
		of[i] = (int)(s - b->slow);
	}
	for (int i = 0; ok && i < b->nslow; i++)
		b->slow[i].median_us = median_of(b, of, i, b->slow[i].stops);
	free(places);
	free(pcs);
	free(of);
	return ok;
}

static void place_text(const struct place *p, char *to, size_t n)
{
	const char *name = strrchr(p->file, '/');

	if (p->line)
		snprintf(to, n, "%s (%s:%d)", p->function, name ? name + 1 : p->file, p->line);
	else if (p->patch)
		snprintf(to, n, "%s (patch %u)", p->function, p->patch);
	else
		snprintf(to, n, "%s", p->function);
}

static void print(const struct probe *b, const struct reasons *why)
{
	char at[600];

	if (b->stopped) {
		printf("%d stops of %d process%s, %d thread%s: until all stand still, us\n",
			b->stopped, b->processes, b->processes == 1 ? "" : "es", b->threads,
			b->threads == 1 ? "" : "s");
		printf("  min %.0f, median %.0f, p90 %.0f, p99 %.0f, max %.0f\n", percentile(b, 0),
			percentile(b, 50), percentile(b, 90), percentile(b, 99),
			percentile(b, 100));
		printf("the last thread came to\n%12s %12s %7s\n", "max us", "median us", "stops");
	}
	for (int i = 0; i < b->nslow && i < SHOWN; i++) {
		const struct slow *s = &b->slow[i];

		place_text(&s->place, at, sizeof at);
		printf("%12.0f %12.0f %7d  %s\n", s->worst->us, s->median_us, s->stops, at);
		if (s->worst->blocked)
			printf("%34s  before, it could not stop: %s\n", "", s->worst->why);
	}
	if (why->len)
		fprintf(stderr, "dsuctl: %d of %d stops came to nothing; the program runs on\n%s\n",
			b->missed ? b->missed : b->asked, b->asked, why->text);
}

static void slow_json(const struct slow *s, const char *before)
{
	printf("%s{\"function\": ", before);
	json_string(s->place.function);
	printf(", \"file\": ");
	if (s->place.line)
		json_string(s->place.file);
	else
		printf("null");
	printf(", \"line\": %d, \"patch\": %u, \"stops\": %d, \"median_us\": %.1f, \"max_us\": "
	       "%.1f, "
	       "\"blocked\": ",
		s->place.line, s->place.patch, s->stops, s->median_us, s->worst->us);
	if (s->worst->blocked)
		json_string(s->worst->why);
	else
		printf("null");
	printf("}");
}

static void print_json(const struct probe *b, const struct reasons *why)
{
	printf("{\"stops\": %d, \"missed\": %d, \"processes\": %d, \"threads\": %d, \"min_us\": "
	       "%.1f, "
	       "\"median_us\": %.1f, \"p90_us\": %.1f, \"p99_us\": %.1f, \"max_us\": %.1f, "
	       "\"slowest\": [",
		b->stopped, b->missed, b->processes, b->threads, percentile(b, 0),
		percentile(b, 50), percentile(b, 90), percentile(b, 99), percentile(b, 100));
	for (int i = 0; i < b->nslow; i++)
		slow_json(&b->slow[i], i ? ", " : "");
	printf("], \"reason\": ");
	if (why->len)
		json_string(why->text);
	else
		printf("null");
	printf("}\n");
}

static void probe(struct probe *b, const struct family *f, double timeout, struct reasons *why)
{
	struct round *r = round_begin(f, NULL, why);

	if (!r)
		return;
	for (int i = 0; i < b->asked && !b->missed; i++) {
		if (i)
			pause_a_while();
		stop_once(b, r, timeout, why);
	}
	round_end(r);
	qsort(b->last, (size_t)b->stopped, sizeof *b->last, by_time);
	if (!group(b, f))
		because(why, "no memory");
	qsort(b->slow, (size_t)b->nslow, sizeof *b->slow, by_worst);
}

int cmd_probe(pid_t pid, int stops, double timeout, int json)
{
	struct probe b = {.asked = stops,
		.last = calloc((size_t)stops, sizeof *b.last),
		.slow = calloc((size_t)stops, sizeof *b.slow)};
	struct reasons why = {.len = 0};
	struct family f;
	int code = family_open(&f, pid, &why);

	if (code == EXIT_DONE && (!b.last || !b.slow))
		because(&why, "no memory for %d stops", stops);
	else if (code == EXIT_DONE)
		probe(&b, &f, timeout, &why);
	(json ? print_json : print)(&b, &why);
	family_close(&f);
	free(b.last);
	free(b.slow);
	return code == EXIT_DONE && why.len ? EXIT_REFUSED : code;
}
