/*
 * watch.c - has a process of the family crashed?
 *
 * How a process ended is known only to who reaps it. Where that is another of the family its wrapper
 * of wait() tells (block.h: crashes); else we look ourselves, which is in time only while the dead
 * one is not reaped yet. An end that nobody tells us of does not count, unless none is left.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "round.h"
#include "watch.h"

struct watch {
	const struct family *f;
	uint32_t crashes; /* when it began */
	struct pollfd fds[DSU_SLOTS];
	pid_t pids[DSU_SLOTS];
	int n;
};

static int knows(const struct watch *w, pid_t pid)
{
	for (int i = 0; i < w->n; i++)
		if (w->pids[i] == pid)
			return 1;
	return 0;
}

/* Processes that have come since the last look. How many live. */
static int add_new(struct watch *w)
{
	static struct member m[DSU_SLOTS];
	int n = family_members(w->f, m), living = 0;

	for (int i = 0; i < n; i++) {
		int fd;

		if (!member_leads(&m[i]))
			continue;
		living++;
		if (w->n == DSU_SLOTS || knows(w, m[i].pid))
			continue;
		fd = (int)syscall(SYS_pidfd_open, m[i].pid, 0);
		if (fd < 0)
			continue; /* dead by now, or too many for us */
		w->pids[w->n] = m[i].pid;
		w->fds[w->n++] = (struct pollfd){.fd = fd, .events = POLLIN};
	}
	return living;
}

struct watch *watch_begin(const struct family *f)
{
	struct watch *w = calloc(1, sizeof *w);
	struct rlimit lim;

	if (getrlimit(RLIMIT_NOFILE, &lim) == 0) {
		lim.rlim_cur = lim.rlim_max;
		setrlimit(RLIMIT_NOFILE, &lim);
	}
	if (w) {
		w->f = f;
		w->crashes = DSU_LOAD(&f->block->crashes);
		add_new(w);
	}
	return w;
}

void watch_end(struct watch *w)
{
	for (int i = 0; w && i < w->n; i++)
		close(w->fds[i].fd);
	free(w);
}

/* The signal that has ended a process which is not reaped yet. 0: none, or it is not known. */
static int ended_by(pid_t pid)
{
	char path[64], text[1024], *at;
	size_t n;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	n = fread(text, 1, sizeof text - 1, file);
	fclose(file);
	text[n] = 0;
	at = strrchr(text, ')');
	if (!at || at[1] != ' ' || at[2] != 'Z')
		return 0;
	at = strrchr(text, ' '); /* the last field is what waitpid() would give */
	return at ? atoi(at) & 0x7f : 0;
}

static void crashed(pid_t pid, int by, struct reasons *why)
{
	because(why, "process %d crashed: %s", pid, strsignal(by));
}

static void look_at_the_dead(struct watch *w, struct reasons *why)
{
	int left = 0;

	for (int i = 0; i < w->n; i++) {
		int by = w->fds[i].revents ? ended_by(w->pids[i]) : 0;

		if (dsu_is_crash(by))
			crashed(w->pids[i], by, why);
		if (w->fds[i].revents) {
			close(w->fds[i].fd);
			continue;
		}
		w->fds[left] = w->fds[i];
		w->pids[left++] = w->pids[i];
	}
	w->n = left;
}

/* For `ms` at most, or until one has ended. 0: something went wrong, why tells. */
int watch_look(struct watch *w, int ms, struct reasons *why)
{
	const struct dsu_block *b = w->f->block;
	int living;

	if (poll(w->fds, (nfds_t)w->n, ms) > 0)
		look_at_the_dead(w, why);
	living = add_new(w);
	if (!why->len && DSU_LOAD(&b->crashes) != w->crashes)
		crashed(b->crashed, b->crashed_by, why);
	if (!why->len && !living)
		because(why, "no process of the program lives any more");
	return !why->len;
}
