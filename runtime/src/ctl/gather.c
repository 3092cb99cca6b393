/* gather.c - who has come to where it was asked to come. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "round.h"

double now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

void drain(int fd)
{
	char bytes[4096];

	while (read(fd, bytes, sizeof bytes) > 0)
		;
}

void ask(const struct round *r)
{
	for (int i = 0; i < r->n; i++) {
		uint32_t word = DSU_LOAD(&r->b->states[r->members[i].slot]);
		unsigned kind = DSU_KIND(word);

		/* Asked again who it is: after an exec() our signal would end another program. */
		if (DSU_ROUND(word) != r->number || kind <= DSU_RUNNING || kind == DSU_BLOCKED)
			if (slot_pid(r->f, r->members[i].slot) == r->members[i].pid)
				kill(r->members[i].pid, r->f->signal);
	}
}

/* How many have not reached one of `kinds` (bits); a process that is being born counts. */
static int missing(struct round *r, unsigned kinds, int refresh)
{
	int n = 0;

	for (int i = 0; i < DSU_SLOTS; i++) {
		uint32_t word = DSU_LOAD(&r->b->states[i]);
		unsigned kind = DSU_KIND(word);
		int there = kind == DSU_BORN || DSU_ROUND(word) == r->number;

		if (kind == DSU_FREE || (there && (kinds & 1u << kind))) {
			r->reported[i] |= kind >= DSU_STOPPED && kind != DSU_BLOCKED;
			continue;
		}
		/* The dead are not waited for; one that died where it stood is a reason to go back. */
		if (refresh && kind != DSU_BORN && !slot_pid(r->f, i)) {
			if (r->reported[i])
				because(r->why, "a process died during the update");
			DSU_STORE(&r->b->states[i], DSU_FREE);
			continue;
		}
		n++;
	}
	return n;
}

static int all(struct round *r, unsigned kinds, int refresh)
{
	/* Twice: one that is not stopped yet may fork into a slot that the first look has passed. */
	return missing(r, kinds, refresh) == 0 && missing(r, kinds, 0) == 0;
}

int wait_all(struct round *r, unsigned kinds, int asking)
{
	double pause = 1000;
	struct pollfd fd = {.fd = r->notify, .events = POLLIN};
	int timed_out = 0;

	for (;;) {
		double t;

		if (all(r, kinds, timed_out))
			return 1;
		if (r->why->len)
			return 0;
		t = now_us();
		if (t > r->deadline)
			return 0;
		if (asking && t - r->resent > pause) {
			r->n = family_members(r->f, r->members);
			ask(r);
			r->resent = t;
			pause = pause < 20000 ? pause * 1.5 : pause;
		}
		timed_out = poll(&fd, 1, asking ? 1 : 5) == 0;
		drain(r->notify);
	}
}

void say_who_is_missing(struct round *r)
{
	r->n = family_members(r->f, r->members);
	for (int i = 0; i < r->n; i++) {
		const struct dsu_slot *s = &r->b->slots[r->members[i].slot];

		switch (DSU_KIND(r->b->states[r->members[i].slot])) {
		case DSU_BLOCKED:
			because(r->why, "process %d: %s (%u times)", r->members[i].pid, s->why,
				s->blocked);
			break;
		case DSU_BORN:
		case DSU_RUNNING:
		case DSU_RESUMED:
			because(r->why, "process %d reached no update point in time",
				r->members[i].pid);
			break;
		case DSU_STOPPED:
			if (DSU_KIND(r->b->phase) == DSU_UNROLL)
				because(r->why, "process %d did not unroll in time",
					r->members[i].pid);
			break;
		}
	}
	if (!r->why->len)
		because(r->why, "the deadline passed");
}

void say_who_cannot(struct round *r)
{
	r->n = family_members(r->f, r->members);
	for (int i = 0; i < r->n; i++) {
		const struct dsu_slot *s = &r->b->slots[r->members[i].slot];

		if (DSU_KIND(r->b->states[r->members[i].slot]) == DSU_UNMAPPABLE)
			because(r->why, "process %d: %s", r->members[i].pid, s->why);
	}
	r->why->passing = r->why->len > 0;
}
