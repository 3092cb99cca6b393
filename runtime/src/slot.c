/*
 * slot.c - a process's place in the control block.
 *
 * A record lock on byte [slot] of the control file lasts as long as the process: the coordinator
 * asks the kernel who holds it, and is told the pid in its own namespace.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "family.h"

int dsu_slot = -1;

static int dead(int slot)
{
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = slot, .l_len = 1};

	return slot != dsu_slot && fcntl(dsu_block->fd_control, F_GETLK, &l) == 0 &&
	       l.l_type == F_UNLCK;
}

/*
 * By the parent, before the fork: no moment passes in which a process is not counted. Free slots
 * are found by going round, so that looking for dead ones is rare.
 */
int dsu_slot_claim(void)
{
	struct dsu_block *b = dsu_block;
	uint32_t born = DSU_WORD(DSU_ROUND(DSU_LOAD(&b->phase)), DSU_BORN);

	for (int i = 0; i < DSU_SLOTS; i++) {
		int slot =
			(int)(__atomic_fetch_add(&b->next_slot, 1, __ATOMIC_RELAXED) % DSU_SLOTS);
		uint32_t was = DSU_LOAD(&b->states[slot]);

		if (DSU_KIND(was) == DSU_BORN)
			continue;
		if (DSU_KIND(was) != DSU_FREE && !dead(slot))
			continue;
		if (__atomic_compare_exchange_n(
			    &b->states[slot], &was, born, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			return slot;
	}
	DSU_STORE(&b->overflow, 1);
	return -1;
}

/* In the new process. The lock first: without it a running slot counts as dead. */
void dsu_slot_take(int slot)
{
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = slot, .l_len = 1};
	struct dsu_slot *s;
	int e = errno;

	dsu_slot = slot;
	if (slot < 0)
		return;
	s = &dsu_block->slots[slot];
	fcntl(dsu_block->fd_control, F_SETLK, &l);
	s->pid = getpid();
	s->npatches = dsu_block->npatches;
	s->blocked = 0;
	s->pc = 0;
	s->why[0] = 0;
	DSU_STORE(&dsu_block->states[slot],
		DSU_WORD(DSU_ROUND(DSU_LOAD(&dsu_block->phase)), DSU_RUNNING));
	errno = e;
}

/* The pipe is full only if nobody has read it for thousands of changes. */
void dsu_slot_report(enum dsu_state state)
{
	struct dsu_block *b = dsu_block;

	DSU_STORE(&b->states[dsu_slot], DSU_WORD(DSU_ROUND(DSU_LOAD(&b->phase)), state));
	if (write(b->fd_notify, "", 1) < 0)
		return;
}
