/* sandbox.c - which processes may make no system call but the few that an update always needs. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "round.h"

static int open_status(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/status", pid);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* A process whose filter cannot be seen is taken for a sandboxed one. */
static uint32_t is_sandboxed(int fd)
{
	char text[4096], *at;
	ssize_t n = fd < 0 ? -1 : pread(fd, text, sizeof text - 1, 0);

	text[n > 0 ? n : 0] = 0;
	at = strstr(text, "\nSeccomp:\t");
	return !at || at[10] != '0';
}

static void note(const struct round *r, int slot, uint32_t is)
{
	DSU_STORE(&r->b->slots[slot].sandboxed, is);
}

static int walks(const struct round *r)
{
	return entries_walk(r, &r->l->patches[r->l->hand]);
}

/*
 * Before the stop, for looking costs the program time. Whoever is in a sandbox stays there; those that
 * are in none are looked at again.
 */
void sandbox_prepare(struct round *r)
{
	int looks = walks(r) ? 0 : 4; /* those who come first; not all of many */

	for (int i = 0; i < r->n && looks > 0 && r->nfree < DSU_FREE_KNOWN; i++) {
		const struct member *m = &r->members[i];
		int fd;

		if (!member_leads(m))
			continue;
		looks--;
		fd = open_status(m->pid);
		if (!is_sandboxed(fd)) {
			r->free_fd[r->nfree] = fd;
			r->free_slot[r->nfree++] = m->slot;
			continue;
		}
		note(r, m->slot, 1);
		if (fd >= 0)
			close(fd);
	}
}

/*
 * All have stopped. A patch that converts objects needs to know of all of them; else it is enough to
 * know who could finish the update without us.
 */
void sandbox_look(const struct round *r)
{
	for (int i = 0; i < r->nfree; i++)
		note(r, r->free_slot[i], is_sandboxed(r->free_fd[i]));
	for (int i = 0; i < r->n && walks(r); i++) {
		int fd;

		if (!member_leads(&r->members[i]))
			continue;
		fd = open_status(r->members[i].pid);
		note(r, r->members[i].slot, is_sandboxed(fd));
		if (fd >= 0)
			close(fd);
	}
}

void sandbox_end(struct round *r)
{
	while (r->nfree > 0)
		close(r->free_fd[--r->nfree]);
}
