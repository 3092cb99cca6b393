/*
 * signal.c - the program's own signal handlers, held back while nothing of it may run.
 *
 * A sandboxed process may not change its signal mask, so the wrapper of sigaction() puts a handler
 * of ours in front of each of the program's: it runs them at once, or notes them while the thread
 * is stopped, and they run when it goes on. A handler without SA_RESTART then makes the blocking
 * call that was interrupted fail with EINTR, as it would have without the update.
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
struct dsu_held {
	volatile sig_atomic_t is;
	siginfo_t info;
};

static void run(int sig, siginfo_t *info, void *context)
{
	struct sigaction act = user[sig];

	dsu_thread.ran++;
	if (!(act.sa_flags & SA_RESTART))
		dsu_thread.handled++;
	if (act.sa_flags & (int)SA_RESETHAND)
		user[sig].sa_handler = SIG_DFL;
	if (act.sa_flags & SA_SIGINFO)
		act.sa_sigaction(sig, info, context);
	else if (act.sa_handler != SIG_DFL && act.sa_handler != SIG_IGN)
		act.sa_handler(sig);
}

static int synchronous(int sig, const siginfo_t *info)
{
	return info->si_code > 0 && (sig == SIGSEGV || sig == SIGBUS || sig == SIGFPE ||
					    sig == SIGILL || sig == SIGTRAP || sig == SIGSYS);
}

static void on_signal(int sig, siginfo_t *info, void *context)
{
	if (dsu_thread.held && !synchronous(sig, info)) {
		dsu_thread.held_signals[sig].info = *info;
		dsu_thread.held_signals[sig].is = 1;
		dsu_thread.some_held = 1;
		return;
	}
	run(sig, info, context);
}

/* Once a thread; in scratch memory, where it costs nothing as long as no signal comes. */
void dsu_signals_init(struct dsu_thread *t)
{
	t->held_signals = dsu_scratch_keep(t, _NSIG * sizeof *t->held_signals);
	t->some_held = 0;
	for (int sig = 1; sig < _NSIG && t->scratch->reused; sig++)
		t->held_signals[sig].is = 0;
}

/* A thread may not be cancelled either while it has no stack to clean up. */
void dsu_signals_hold(struct dsu_thread *t)
{
	t->held = 1;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &t->cancel_state);
}

/* Handlers run here without their masks: changing those could be fatal in a sandbox. */
static void run_held(struct dsu_thread *t)
{
	ucontext_t none;

	t->some_held = 0;
	memset(&none, 0, sizeof none);
	for (int sig = 1; sig < _NSIG; sig++)
		if (t->held_signals[sig].is) {
			t->held_signals[sig].is = 0;
			run(sig, &t->held_signals[sig].info, &none);
		}
}

void dsu_signals_release(struct dsu_thread *t)
{
	long before = t->handled;

	t->held = 0;
	if (t->some_held)
		run_held(t);
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
