/* health.c - runs the operator's health command now and then. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "round.h"
#include "watch.h"

#define EVERY_US 1e6

/* What it prints is for people: our standard output may be read by a script. */
static void run(const char *command, pid_t program)
{
	char pid[16];

	setpgid(0, 0);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGTSTP, SIG_DFL);
	signal(SIGTTIN, SIG_DFL);
	signal(SIGTTOU, SIG_DFL);
	snprintf(pid, sizeof pid, "%d", program);
	setenv("DSU_PID", pid, 1);
	dup2(2, 1);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

static void begin(struct health *h, pid_t program, struct reasons *why)
{
	h->runs = fork();
	if (h->runs == 0)
		run(h->command, program);
	if (h->runs < 0) {
		h->runs = 0;
		because(why, "cannot run the health command: %s", strerror(errno));
		return;
	}
	setpgid(h->runs, h->runs);
	h->until = now_us() + h->timeout * 1e6;
	h->next = now_us() + EVERY_US;
}

void health_stop(struct health *h)
{
	if (!h->runs)
		return;
	kill(-h->runs, SIGKILL);
	kill(h->runs, SIGKILL);
	waitpid(h->runs, NULL, 0);
	h->runs = 0;
}

/* Begins it when it is due, and looks whether it has ended; waits for nothing. */
void health_step(struct health *h, pid_t program, struct reasons *why)
{
	int status;

	if (!h->command)
		return;
	if (!h->runs) {
		if (now_us() >= h->next)
			begin(h, program, why);
		return;
	}
	if (waitpid(h->runs, &status, WNOHANG) != h->runs) {
		if (now_us() < h->until)
			return;
		health_stop(h);
		because(why, "the health command did not end within %g s", h->timeout);
		return;
	}
	h->runs = 0;
	if (WIFSIGNALED(status))
		because(why, "the health command failed: %s", strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status))
		because(why, "the health command failed: exit code %d", WEXITSTATUS(status));
}
