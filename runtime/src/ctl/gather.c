/* gather.c - who has come to where it was asked to come. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "round.h"

double now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

void sleep_us(double us)
{
	struct timespec ts = {(time_t)(us / 1e6), (long)(us * 1e3) % 1000000000};

	nanosleep(&ts, NULL);
}

void drain(int fd)
{
	char bytes[4096];

	while (read(fd, bytes, sizeof bytes) > 0)
		;
}

/*
 * A signal that waits takes room, which is its user's (ulimit -i) and may be full: of signals that our own
 * stop holds back, or of other programs'. The kernel refuses ours then, but not kill(), which reaches a
 * process and not a thread: mostly the first one.
 */
static int could_be_asked(const struct member *m, int sig)
{
	if (syscall(SYS_tgkill, m->pid, m->tid, sig) == 0 || errno != EAGAIN)
		return 1;
	kill(m->pid, sig);
	return m->tid == m->pid;
}

void ask(struct round *r)
{
	r->unasked = 0;
	for (int i = 0; i < r->n; i++) {
		const struct member *m = &r->members[i];
		uint32_t word = DSU_LOAD(&r->b->states[m->slot]);
		unsigned kind = DSU_KIND(word);

		if (!m->tid || m->ended)
			continue;
		if (DSU_ROUND(word) == r->number && kind > DSU_RUNNING && kind != DSU_BLOCKED)
			continue;
		/* Asked again who it is: after an exec() our signal would end another program. */
		if (m->tid != m->pid || slot_pid(r->f, m->slot) == m->pid)
			r->unasked += !could_be_asked(m, r->f->ledger->signal);
	}
}

/* Has the process of a slot more threads than that one? */
static int has_others(const struct round *r, int slot)
{
	for (int i = 0; i < DSU_SLOTS; i++)
		if (i != slot && dsu_process_of(r->b, i) == dsu_process_of(r->b, slot) &&
			DSU_KIND(DSU_LOAD(&r->b->states[i])) != DSU_FREE)
			return 1;
	return 0;
}

/*
 * The dead are not waited for. One that died where it stood is a reason to go back; but one thread
 * may end a process while another has stopped already.
 */
static int is_gone(struct round *r, int slot, uint32_t word)
{
	int unborn = DSU_KIND(word) == DSU_BORN && dsu_process_of(r->b, slot) == slot;

	if (unborn || slot_pid(r->f, slot))
		return 0;
	if (r->reported[slot] &&
		(DSU_KIND(DSU_LOAD(&r->b->phase)) != DSU_STOP || !has_others(r, slot)))
		because(r->why, "a process died during the update");
	free_slot(r, slot, word);
	return 1;
}

/* How many have not reached one of `kinds` (bits); a process that is being born counts. */
static int missing(struct round *r, unsigned kinds, int refresh)
{
	int n = 0;

	for (int i = 0; i < DSU_SLOTS; i++) {
		uint32_t word = DSU_LOAD(&r->b->states[i]);
		unsigned kind = DSU_KIND(word);
		int there = kind == DSU_BORN || DSU_ROUND(word) == r->number;

		if (kind == DSU_FREE || kind == DSU_ENDED || (there && (kinds & 1u << kind))) {
			r->reported[i] |= kind >= DSU_STOPPED && kind != DSU_BLOCKED;
			continue;
		}
		if (!refresh || !is_gone(r, i, word))
			n++;
	}
	return n;
}

static int all(struct round *r, unsigned kinds, int refresh)
{
	/* Twice: one that is not stopped yet may fork into a slot that the first look has passed. */
	return missing(r, kinds, refresh) == 0 && missing(r, kinds, 0) == 0;
}

/* All have come but those that came to a point and could not be taken apart there. */
static int only_blocked(const struct round *r)
{
	int standing = 0, blocked = 0;

	for (int i = 0; i < DSU_SLOTS; i++) {
		uint32_t word = DSU_LOAD(&r->b->states[i]);
		unsigned kind = DSU_KIND(word);

		if (kind == DSU_FREE || kind == DSU_ENDED)
			continue;
		if (DSU_ROUND(word) != r->number || !((STANDING | 1u << DSU_BLOCKED) & 1u << kind))
			return 0;
		standing += kind != DSU_BLOCKED;
		blocked += kind == DSU_BLOCKED;
	}
	return standing && blocked;
}

/* What one needs that cannot come, or cannot be asked, may be held by those that stand. */
static int gives_way(struct round *r, double now)
{
	if (now < r->patience || !(r->unasked || only_blocked(r)))
		return 0;
	say_who_is_missing(r);
	r->why->passing = WAITING;
	return 1;
}

int wait_all(struct round *r, unsigned kinds, int asking)
{
	/* Many threads take their time to come even if none needs to be asked twice. */
	double pause = 1000 + 25 * r->n;
	struct pollfd fd = {.fd = r->notify, .events = POLLIN};
	int timed_out = 0;

	for (;;) {
		double t;

		/* Nobody is looked for while some are known to run, unless it is time to ask who lives. */
		if ((timed_out || !asking || DSU_LOAD(&r->b->running) <= 0) &&
			all(r, kinds, timed_out))
			return 1;
		if (r->why->len)
			return 0;
		t = now_us();
		if (t > r->deadline || (asking && gives_way(r, t)))
			return 0;
		late_look(r, t);
		if (asking && t - r->resent > pause) {
			r->n = family_members(r->f, r->members);
			ask(r);
			r->resent = t;
			pause = pause < 20000 ? pause * 1.5 : pause;
		}
		/* Hung up: none of them lives. */
		timed_out = poll(&fd, 1, asking ? 1 : 5) == 0 || fd.revents & POLLHUP;
		drain(r->notify);
	}
}

/* The program itself knows only the names that it exports. */
static void say_what_blocks(struct round *r, const struct member *m, const struct dsu_slot *s)
{
	int width = (int)strnlen(s->why, sizeof s->why);
	struct place at;

	places_functions(r->f, &s->pc, &at, 1);
	if (s->pc && at.function[0] && !memchr(s->why, ':', (size_t)width))
		because(r->why, "%s: %.*s: %s (%u times)", member_name(m), width, s->why,
			at.function, s->blocked);
	else
		because(r->why, "%s: %.*s (%u times)", member_name(m), width, s->why, s->blocked);
}

void say_who_is_missing(struct round *r)
{
	r->n = family_members(r->f, r->members);
	for (int i = 0; i < r->n; i++) {
		const struct dsu_slot *s = &r->b->slots[r->members[i].slot];

		switch (DSU_KIND(r->b->states[r->members[i].slot])) {
		case DSU_BLOCKED:
			say_what_blocks(r, &r->members[i], s);
			break;
		case DSU_BORN:
		case DSU_RUNNING:
		case DSU_UNROLLING:
		case DSU_RESUMED:
			say_late(r, &r->members[i]);
			break;
		case DSU_STOPPED:
			if (DSU_KIND(r->b->phase) == DSU_UNROLL)
				say_late(r, &r->members[i]);
			break;
		}
	}
	if (!r->why->len)
		because(r->why, "the deadline passed");
}

void say_who_cannot(struct round *r)
{
	for (int i = 0; i < r->n; i++) {
		const struct dsu_slot *s = &r->b->slots[r->members[i].slot];

		if (DSU_KIND(r->b->states[r->members[i].slot]) == DSU_UNMAPPABLE)
			because(r->why, "%s: %.*s", member_name(&r->members[i]), (int)sizeof s->why,
				s->why);
	}
	r->why->passing = r->why->len ? PLACES : IT_STAYS;
}
