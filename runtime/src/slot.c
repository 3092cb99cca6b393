/*
 * slot.c - a thread's place in the control block.
 *
 * A record lock on byte [slot] of the control file, of the slot that a process's first thread has,
 * lasts as long as the process: the coordinator asks the kernel who holds it, and is told the pid
 * in its own namespace.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "family.h"

int dsu_slot = -1;

static uint32_t word(enum dsu_state state)
{
	return DSU_WORD(DSU_ROUND(DSU_LOAD(&dsu_block->phase)), state);
}

/* What belongs to the round that it has stopped in, even if that is over by now. */
static uint32_t stopped_word(const struct dsu_thread *t, enum dsu_state state)
{
	return DSU_WORD(t->round, state);
}

int dsu_slot_dead(int slot)
{
	int process = dsu_process_of(dsu_block, slot);
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = process, .l_len = 1};

	return process != dsu_slot && fcntl(dsu_fds.control, F_GETLK, &l) == 0 &&
	       l.l_type == F_UNLCK;
}

/* A process that is being born has no lock yet; a thread belongs to one that has, or is dead. */
static int take_from_dead(int slot, uint32_t was)
{
	int process = dsu_process_of(dsu_block, slot);

	if (process == slot)
		return DSU_KIND(was) != DSU_BORN && dsu_slot_dead(slot);
	return dsu_slot_dead(slot) && dsu_disown(dsu_block, slot, process);
}

static int try_claim(int slot, int process, int from_the_dead)
{
	struct dsu_block *b = dsu_block;
	uint32_t was = DSU_LOAD(&b->states[slot]), born = word(DSU_BORN);

	if (DSU_KIND(was) != DSU_FREE && !(from_the_dead && take_from_dead(slot, was)))
		return 0;
	if (!__atomic_compare_exchange_n(
		    &b->states[slot], &was, born, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		return 0;
	dsu_count(b, was, born);
	dsu_belongs(b, slot, process < 0 ? slot : process);
	b->slots[slot].tid = 0;
	return 1;
}

/*
 * By the parent, before the fork or the thread: no moment passes in which one is not counted. Free
 * slots are found by going round; the dead are looked for only when there are none. `process`: the
 * slot of the process that a thread belongs to, -1 for a new process.
 */
int dsu_slot_claim(int process)
{
	struct dsu_block *b = dsu_block;

	for (int i = 0; i < 2 * DSU_SLOTS; i++) {
		int slot =
			(int)(__atomic_fetch_add(&b->next_slot, 1, __ATOMIC_RELAXED) % DSU_SLOTS);

		if (try_claim(slot, process, i >= DSU_SLOTS))
			return slot;
	}
	__atomic_add_fetch(&b->overflow, 1, __ATOMIC_SEQ_CST);
	return -1;
}

/* In the new process. The lock first: without it a running slot counts as dead. */
void dsu_slot_take(struct dsu_thread *t, int slot)
{
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = slot, .l_len = 1};
	int e = errno;

	dsu_slot = t->slot = slot;
	if (slot >= 0) {
		fcntl(dsu_fds.control, F_SETLK, &l);
		dsu_block->slots[slot].top = dsu_ledger->top;
		dsu_slot_begin(t);
	}
	errno = e;
}

/* By the thread itself; until it knows its tid it is not signalled, and finds a request alone. */
void dsu_slot_begin(struct dsu_thread *t)
{
	struct dsu_slot *s;

	if (t->slot < 0)
		return;
	s = &dsu_block->slots[t->slot];
	s->pid = getpid();
	s->sandboxed = 1; /* for all that we know */
	s->blocked = 0;
	s->pc = 0;
	s->why[0] = 0;
	DSU_STORE(&s->tid, (int32_t)syscall(SYS_gettid));
	dsu_set_state(dsu_block, t->slot, word(DSU_RUNNING));
}

/* The pipe is full only if nobody has read it for thousands of changes. */
void dsu_notify(void)
{
	dsu_raw_syscall(SYS_write, dsu_fds.notify, (long)"", 1);
}

/* A thread that never came to be, or ends. The first one's slot is its process's, and stays. */
void dsu_slot_leave(int slot)
{
	struct dsu_block *b = dsu_block;

	if (!b)
		return;
	/* Nobody's before it is free; until then it is not taken for a dead process's. */
	if (slot >= 0 && slot != dsu_slot) {
		dsu_set_state(b, slot, word(DSU_BORN));
		dsu_belongs(b, slot, slot);
	}
	if (slot < 0)
		__atomic_sub_fetch(&b->overflow, 1, __ATOMIC_SEQ_CST);
	else if (dsu_set_state(b, slot, word(slot == dsu_slot ? DSU_ENDED : DSU_FREE)) <= 0)
		dsu_notify();
}

/* Only the last one of the family that dsuctl waits for wakes it. */
void dsu_slot_report(struct dsu_thread *t, enum dsu_state state)
{
	struct dsu_block *b = dsu_block;
	int in_round = state == DSU_STOPPED || state == DSU_UNROLLING || state == DSU_RESUMED;
	int running = dsu_set_state(b, t->slot, in_round ? stopped_word(t, state) : word(state));

	if (state == DSU_STOPPED && running <= 0)
		dsu_notify();
	if (state == DSU_RESUMED && __atomic_sub_fetch(&b->pending, 1, __ATOMIC_SEQ_CST) <= 0)
		dsu_notify();
}

/* All threads of the process have been unrolled, and mapped or not. Who did so at once stops by it. */
void dsu_slots_unrolled(int at_once)
{
	struct dsu_block *b = dsu_block;
	int n = 0, running = 0;

	for (const struct dsu_thread *t = dsu_threads; t; t = t->next, n++)
		running = dsu_set_state(
			b, t->slot, stopped_word(t, t->why ? DSU_UNMAPPABLE : DSU_UNROLLED));
	if ((at_once ? running : __atomic_sub_fetch(&b->pending, n, __ATOMIC_SEQ_CST)) <= 0)
		dsu_notify();
}
