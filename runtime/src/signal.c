/*
 * signal.c - the program's own signal handlers, held back while nothing of it may run.
 *
 * A sandboxed process may not change its signal mask, so the wrapper of sigaction() puts a handler
 * of ours in front of each of the program's: it runs them at once, or notes them while the thread
 * is stopped, and they run when it goes on. A handler without SA_RESTART then makes the blocking
 * call that was interrupted fail with EINTR, as it would have without the update.
 *
 * One of a kind is noted; those that follow wait in the kernel, which knows better which of them are
 * queued and which are one: ours adds the kind to the mask that its own return sets. The mask from
 * before is set by such a return, too (dsu_set_mask), which a sandbox cannot forbid.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <ucontext.h>

#include "family.h"

extern DSU_EXPORT __typeof__(sigaction) dsu_sys_sigaction;
extern DSU_EXPORT __typeof__(signal) dsu_sys_signal;
extern DSU_EXPORT __typeof__(sigprocmask) dsu_sys_sigprocmask;
extern DSU_EXPORT __typeof__(pthread_sigmask) dsu_sys_pthread_sigmask;

static struct sigaction user[_NSIG];

/* In the order in which they came. Twice _NSIG: a handler may be interrupted before its kind is masked. */
#define MOST (2 * _NSIG)
struct dsu_held_signal {
	int sig;
	siginfo_t info;
};

/* Does it run on an alternate stack? The kernel has told: a sandboxed process may not ask. */
static int is_elsewhere(const struct dsu_handler *h)
{
	int flags = ((const ucontext_t *)h->context)->uc_stack.ss_flags;

	return flags & SS_ONSTACK || (h->act.sa_flags & SA_ONSTACK && !(flags & SS_DISABLE));
}

/*
 * Not while we are at an update's work ourselves. Bases of handlers that have jumped out are deeper than
 * we are, or the walk finds them out.
 */
static int may_begin(struct dsu_thread *t, const struct dsu_handler *h)
{
	if (!t->based || t->held || t->at_point || dsu_off || is_elsewhere(h))
		return 0;
	while (t->base && t->bases[t->base].frame < (char *)__builtin_frame_address(0))
		t->base--;
	return t->base + 1 < DSU_BASES;
}

/* Another handler may come at any place: it must not take what is not written yet for left behind. */
static void begin_base(struct dsu_thread *t)
{
	struct dsu_base_at *b = &t->bases[t->base + 1];

	b->frame = __builtin_frame_address(0);
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	t->base++;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	b->frame = __builtin_frame_address(0);
	b->chunk = t->scratch;
	b->used = t->scratch->used;
}

/* Above a base of its own it can be updated: processes that are forked in a handler may live in it. */
static void call(const struct dsu_handler *h)
{
	struct dsu_thread *t = &dsu_thread;
	struct dsu_unfinished unfinished = t->unfinished;
	unsigned outer;

	if (!may_begin(t, h)) {
		dsu_handle(h);
		return;
	}
	outer = t->base;
	begin_base(t);
	t->unfinished.nr = 0;
	dsu_base(t, h);
	t->base = outer;
	t->unfinished = unfinished;
}

static void run(int sig, siginfo_t *info, void *context)
{
	struct dsu_handler h = {user[sig], sig, info, context};
	struct dsu_timed_call timed = dsu_thread.timed_call;

	/* Its own calls are others; and if it jumps out, that one is over. */
	dsu_thread.timed_call.nr = 0;
	dsu_thread.ran++;
	if (!(h.act.sa_flags & SA_RESTART))
		dsu_thread.handled++;
	if (h.act.sa_flags & (int)SA_RESETHAND)
		user[sig].sa_handler = SIG_DFL;
	if (h.act.sa_handler != SIG_DFL && h.act.sa_handler != SIG_IGN)
		call(&h);
	dsu_thread.timed_call = timed;
}

static int synchronous(int sig, const siginfo_t *info)
{
	return info->si_code > 0 && (sig == SIGSEGV || sig == SIGBUS || sig == SIGFPE ||
					    sig == SIGILL || sig == SIGTRAP || sig == SIGSYS);
}

/* Handlers of other kinds may interrupt this one at any place. */
static void hold(struct dsu_held *h, int sig, const siginfo_t *info, ucontext_t *uc)
{
	unsigned i = __atomic_fetch_add(&h->n, 1, __ATOMIC_RELAXED);
	uint64_t mask;

	memcpy(&mask, &uc->uc_sigmask, sizeof mask);
	__atomic_fetch_and(&h->mask, mask, __ATOMIC_RELAXED);
	if (i < MOST) {
		h->signals[i].sig = sig;
		h->signals[i].info = *info;
	}
	sigaddset(&uc->uc_sigmask, sig);
}

static void on_signal(int sig, siginfo_t *info, void *context)
{
	if (dsu_thread.held && !synchronous(sig, info))
		hold(&dsu_thread.held_signals, sig, info, context);
	else
		run(sig, info, context);
}

/* Once a thread; in scratch memory, where it costs nothing as long as no signal comes. */
void dsu_signals_init(struct dsu_thread *t)
{
	t->held_signals.signals = dsu_scratch_keep(t, MOST * sizeof *t->held_signals.signals);
}

/* A thread may not be cancelled either while it has no stack to clean up. */
void dsu_signals_hold(struct dsu_thread *t)
{
	t->held = 1;
	t->held_signals.mask = ~(uint64_t)0;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &t->cancel_state);
}

/*
 * Handlers run here without their masks: changing those could be fatal in a sandbox. If one of them
 * jumps out, those behind it run after the next update.
 */
static void run_held(struct dsu_held *h)
{
	ucontext_t none;

	memset(&none, 0, sizeof none);
	while (h->ran < h->n && h->ran < MOST) {
		unsigned i = h->ran++;

		run(h->signals[i].sig, &h->signals[i].info, &none);
	}
	h->n = h->ran = 0;
	dsu_set_mask(h->mask);
}

void dsu_signals_release(struct dsu_thread *t)
{
	long before = t->handled;
	int at_point = t->at_point;

	t->at_point = 1; /* what they interrupt is not the program's */
	t->held = 0;
	if (t->held_signals.n)
		run_held(&t->held_signals);
	t->at_point = at_point;
	if (t->handled != before && t->reissued && !t->interrupted) {
		t->interrupted = 1;
		__atomic_fetch_add(&dsu_request, DSU_EINTR, __ATOMIC_RELAXED);
	}
	pthread_setcancelstate(t->cancel_state, NULL);
}

/* Is the call issued again to fail with EINTR? Says so once. */
int dsu_signal_interrupts(struct dsu_thread *t)
{
	if (!t->interrupted)
		return 0;
	t->interrupted = 0;
	__atomic_fetch_sub(&dsu_request, DSU_EINTR, __ATOMIC_RELAXED);
	return 1;
}

int dsu_sys_sigaction(int sig, const struct sigaction *act, struct sigaction *old)
{
	struct sigaction mine, was;
	int r;

	if (dsu_off || sig <= 0 || sig >= _NSIG)
		return sigaction(sig, act, old);
	if (sig == DSU_SIGNAL) {
		errno = EINVAL;
		return -1;
	}
	was = user[sig];
	if (!act) {
		r = sigaction(sig, NULL, &mine);
	} else {
		struct sigaction prior;

		mine = *act;
		if (act->sa_handler != SIG_DFL && act->sa_handler != SIG_IGN) {
			mine.sa_sigaction = on_signal;
			mine.sa_flags |= SA_SIGINFO;
		}
		sigdelset(&mine.sa_mask, DSU_SIGNAL);
		user[sig] = *act; /* first: a signal may come at once */
		r = sigaction(sig, &mine, &prior);
		if (r < 0)
			user[sig] = was;
		mine = prior;
	}
	if (r == 0 && old) {
		*old = mine;
		if (mine.sa_sigaction == on_signal) {
			old->sa_handler = was.sa_handler;
			old->sa_flags = was.sa_flags;
		}
	}
	return r;
}

__sighandler_t dsu_sys_signal(int sig, __sighandler_t handler)
{
	struct sigaction act = {.sa_flags = SA_RESTART}, old;

	act.sa_handler = handler;
	if (dsu_sys_sigaction(sig, &act, &old) < 0)
		return SIG_ERR;
	return old.sa_handler;
}

/* Our signal stays open: it is how a request arrives. */
static const sigset_t *without_ours(int how, const sigset_t *set, sigset_t *ours)
{
	if (!set || how == SIG_UNBLOCK || dsu_off)
		return set;
	*ours = *set;
	sigdelset(ours, DSU_SIGNAL);
	return ours;
}

int dsu_sys_sigprocmask(int how, const sigset_t *restrict set, sigset_t *restrict old)
{
	sigset_t ours;

	return sigprocmask(how, without_ours(how, set, &ours), old);
}

int dsu_sys_pthread_sigmask(int how, const sigset_t *restrict set, sigset_t *restrict old)
{
	sigset_t ours;

	return pthread_sigmask(how, without_ours(how, set, &ours), old);
}
