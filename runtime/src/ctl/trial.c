/*
 * trial.c - dsuctl apply --trial: an update that is taken back by itself if the program takes harm.
 *
 * The family stays ours alone until the trial is over, so nobody's update lies on top of the one
 * that may have to go. A dsuctl that is asked to end takes it back first; one that is killed
 * outright leaves the new version in force.
 */
#include <signal.h>
#include <stdlib.h>

#include "round.h"
#include "trial.h"
#include "watch.h"

#define TICK_MS 20

static volatile sig_atomic_t asked_to_end;

static void on_signal(int signal)
{
	asked_to_end = signal;
}

static void heed_signals(void)
{
	struct sigaction sa = {.sa_handler = on_signal};

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
}

/* In time before the update: who crashes by its first step is to be seen, too. */
int trial_begin(struct trial *t, const struct family *f, struct reasons *why)
{
	t->watch = watch_begin(f);
	if (!t->watch) {
		because(why, "no memory");
		return 0;
	}
	heed_signals();
	return 1;
}

/* When the time is over the health command is run once more: it has the last word. */
static void watch(struct trial *t, pid_t pid, double timeout)
{
	struct health h = {.command = t->health, .timeout = timeout};
	double end = now_us() + t->seconds * 1e6;
	int last = 0;

	while (!t->why.len && (!last || h.runs)) {
		if (now_us() >= end && !h.runs) {
			last = 1;
			h.next = 0;
		}
		health_step(&h, pid, &t->why);
		if (!t->why.len)
			watch_look(t->watch, TICK_MS, &t->why);
		if (!t->why.len && asked_to_end)
			because(&t->why, "dsuctl was asked to end before the trial was over");
	}
	health_stop(&h);
}

/* 1: nothing happened. 0: t->why; taken back, unless t->stuck says why not. */
int trial_run(struct trial *t, const struct family *f, double timeout)
{
	double begun = now_us();
	struct timings unused;

	watch(t, f->pid, timeout);
	t->watched = (now_us() - begun) / 1e6;
	if (!t->why.len)
		return 1;
	t->reverted = rounds(f, NULL, DSU_APPLY, timeout, &unused, &t->stuck);
	return 0;
}

void trial_end(struct trial *t)
{
	watch_end(t->watch);
}
