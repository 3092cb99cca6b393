/*
 * trap.c - user code of a patch that traps makes the update fail, not the program.
 *
 * While transformers run, this thread's own SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT jump out of
 * them. What has been converted by then lies in memory of the runtime's, so that the way back is the
 * same as after an error. The handlers are there only meanwhile: a process in a sandbox may not
 * change any (`may_catch` is 0), dies of a trap, and the rest of its family goes back.
 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "trap.h"

static const struct {
	int sig;
	char name[8];
} traps[] = {{SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"}, {SIGFPE, "SIGFPE"}, {SIGILL, "SIGILL"},
	{SIGABRT, "SIGABRT"}};
#define TRAPS (sizeof traps / sizeof traps[0])

static struct sigaction was[TRAPS];
static sigjmp_buf out, out_of_part;
static int in_part;
static pthread_t self;
static char stack[64 << 10] __attribute__((aligned(16))); /* the thread's own may have run out */
static volatile sig_atomic_t sent;                        /* by somebody else */

static void give_back(void)
{
	for (unsigned i = 0; i < TRAPS; i++)
		sigaction(traps[i].sig, &was[i], NULL);
}

static void on_trap(int sig, siginfo_t *info, void *context)
{
	(void)context;
	if (pthread_equal(pthread_self(), self) && (info->si_code > 0 || info->si_pid == getpid()))
		siglongjmp(in_part ? out_of_part : out, sig);
	if (info->si_code > 0)
		give_back(); /* of a library's thread: it traps once more, and dies of it */
	else
		sent = sig;
}

const char *dsu_trap_name(int sig)
{
	for (unsigned i = 0; i < TRAPS; i++)
		if (traps[i].sig == sig)
			return traps[i].name;
	return "a signal";
}

int dsu_trap_part(void (*work)(void *), void *data)
{
	int sig = sigsetjmp(out_of_part, 0);

	in_part = !sig;
	if (!sig)
		work(data);
	in_part = 0;
	return sig;
}

int dsu_trap(void (*work)(void *), void *data, int may_catch)
{
	struct sigaction mine;
	stack_t ours = {.ss_sp = stack, .ss_size = sizeof stack}, theirs;
	int sig;

	if (!may_catch) {
		work(data);
		return 0;
	}
	memset(&mine, 0, sizeof mine);
	mine.sa_sigaction = on_trap;
	mine.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
	self = pthread_self();
	sent = 0;
	sigaltstack(&ours, &theirs);
	for (unsigned i = 0; i < TRAPS; i++)
		sigaction(traps[i].sig, &mine, &was[i]);
	sig = sigsetjmp(out, 0);
	if (!sig)
		work(data);
	give_back();
	sigaltstack(&theirs, NULL);
	if (sent)
		raise(sent);
	return sig;
}
