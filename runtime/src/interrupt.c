/*
 * interrupt.c - our signal: look for a request, and get out of a blocking call.
 *
 * Runs in a signal handler, and touches nothing but words.
 */
#include <errno.h>
#include <string.h>

#include "carry.h"
#include "family.h"
#include "sysw.h"

DSU_TLS volatile long dsu_interrupts;

extern DSU_HIDDEN const char dsu_syscall_begin[], dsu_syscall_end[], dsu_syscall_cancel[];

static void on_signal(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	size_t pc = dsu_uc_pc(uc);

	(void)sig, (void)info;
	if (dsu_asked()) {
		dsu_request_set(DSU_ASKED);
		dsu_thread.until = (struct timespec){0, 0};
	}
	dsu_interrupts++;
	if (pc >= (size_t)dsu_syscall_begin && pc < (size_t)dsu_syscall_end)
		dsu_uc_set_pc(uc, (size_t)dsu_syscall_cancel);
	else if (pc == (size_t)dsu_syscall_end && dsu_uc_result(uc) == -EINTR)
		dsu_uc_set_result(uc, -DSU_INTERRUPTED);
	else if (dsu_asked())
		dsu_carry_interrupted(uc);
}

/*
 * SA_RESTART: a blocking call that is not wrapped, in libc or a library, goes on as if nothing had
 * been. SA_ONSTACK: a thread on its last page of stack has its alternate one for signals.
 */
void dsu_interrupt_init(void)
{
	struct sigaction sa = {.sa_flags = SA_RESTART | SA_SIGINFO | SA_ONSTACK};
	sigset_t ours;

	sa.sa_sigaction = on_signal;
	sigfillset(&sa.sa_mask);
	sigaction(DSU_SIGNAL, &sa, NULL);
	sigemptyset(&ours);
	sigaddset(&ours, DSU_SIGNAL);
	sigprocmask(SIG_UNBLOCK, &ours, NULL);
}
