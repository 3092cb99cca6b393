/* held.c - a thread that stands still because a debugger or a signal has stopped it. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ctl.h"

static int read_text(const char *path, char *text, size_t room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, room - 1);

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = 0;
	return n > 0;
}

/* By whom, for a sentence; 0: it runs. */
int held_by(const struct family *f, const struct member *m, char *by, size_t room)
{
	char path[64], text[4096], name[64] = "", *state, *tracer;
	int pid;

	snprintf(path, sizeof path, "/proc/%d/task/%d/status", m->pid, m->tid ? m->tid : m->pid);
	if (!read_text(path, text, sizeof text))
		return 0;
	state = strstr(text, "\nState:\t");
	tracer = strstr(text, "\nTracerPid:\t");
	if (!state || (state[8] != 't' && state[8] != 'T'))
		return 0;
	pid = tracer ? atoi(tracer + 12) : 0;
	if (!pid) {
		snprintf(by, room, "a signal; SIGCONT lets it go on");
		return 1;
	}
	snprintf(path, sizeof path, "/proc/%d/comm", pid);
	read_text(path, name, sizeof name);
	name[strcspn(name, "\n")] = 0;
	snprintf(by, room,
		"%s (pid %d); let it go on there, or detach. gdb stops at the signal by which "
		"dsuctl asks, unless told: handle SIG%d nostop noprint pass",
		*name ? name : "a debugger", pid, f->ledger->signal);
	return 1;
}

static int look(const struct family *f, struct reasons *why)
{
	static struct member m[DSU_SLOTS];
	int n = family_members(f, m), held = 0;
	char by[256];

	for (int i = 0; i < n; i++)
		if (member_leads(&m[i]) && held_by(f, &m[i], by, sizeof by)) {
			if (why)
				because(why, "%s is stopped by %s", member_name(&m[i]), by);
			held++;
		}
	return held;
}

/*
 * Nobody else has to stand still until the deadline for one that will not come. A process's threads are
 * mostly held together, and a tracer may be just passing.
 */
void check_held(const struct family *f, struct reasons *why)
{
	struct timespec moment = {0, 20000000};

	for (int i = 0; i < 10 && look(f, NULL); i++)
		nanosleep(&moment, NULL);
	look(f, why);
}
