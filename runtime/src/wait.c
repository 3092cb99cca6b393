/*
 * wait.c - wait for the coordinator, by read() alone.
 *
 * dsuctl holds the only writing ends of the `wait` pipes: a byte means that the phase has moved, end
 * of file that dsuctl is dead. Bytes left over from before only make us look once more.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "family.h"
#include "fault.h"

/*
 * The update was decided and dsuctl died before the last entry was redirected. What has been done
 * already is done again.
 */
static void finish_commit(struct dsu_block *b, uint32_t phase)
{
	const struct dsu_ledger *l = dsu_ledger;
	const struct dsu_patch *p = (const struct dsu_patch *)l->patches[l->hand].patch;
	struct dsu_ledger *writable;
	char path[64];
	int fd;

	if (l->decided != DSU_ROUND(phase))
		return; /* no dsuctl has said so */
	snprintf(path, sizeof path, "/proc/self/fd/%d", dsu_fds.arena);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return; /* another dsuctl can still do it */
	dsu_fault(process, finishing);
	for (unsigned i = 0; i < p->nredirects; i++) {
		uint64_t from = (uint64_t)p->redirects[i].old_entry;
		off_t at = (off_t)(from - l->text < l->text_size ? from - l->text + l->text_offset
								 : from - l->arena);
		unsigned char entry[DSU_ENTRY_ROOM + DSU_ENTRY_BYTES];

		dsu_entry(entry, &p->redirects[i], l->reverting);
		if (pwrite(fd, entry, sizeof entry, at - DSU_ENTRY_ROOM) < 0)
			dsu_die("cannot finish an update that was decided");
	}
	writable = mmap(NULL, sizeof *writable, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (writable == MAP_FAILED)
		return;
	dsu_settle(writable);
	munmap(writable, sizeof *writable);
	/* Another dsuctl may have been quicker, and be at its next round. */
	__atomic_compare_exchange_n(&b->phase, &phase, DSU_WORD(DSU_ROUND(phase), DSU_RESUME), 0,
		__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

/*
 * The leader finishes; if it is dead, too, whoever sees it first. Not in a sandbox: then all wait for
 * another dsuctl.
 */
static int finishes(const struct dsu_thread *t)
{
	struct dsu_block *b = dsu_block;
	uint32_t leader = DSU_LOAD(&b->leader);

	if (DSU_LOAD(&b->slots[dsu_slot].sandboxed))
		return 0;
	if ((int)leader == t->slot)
		return 1;
	return dsu_slot_dead((int)(leader % DSU_SLOTS)) &&
	       __atomic_compare_exchange_n(&b->leader, &leader, (uint32_t)t->slot, 0,
		       __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

static void orphaned(const struct dsu_thread *t, uint32_t phase)
{
	struct dsu_block *b = dsu_block;
	uint32_t round = DSU_ROUND(phase), to = DSU_WORD(round, DSU_BACK);

	switch (DSU_KIND(phase)) {
	case DSU_UNROLL:
		DSU_STORE(&b->undone, round);
		to = DSU_WORD(round, DSU_UNDO);
		/* fall through */
	case DSU_STOP:
		__atomic_compare_exchange_n(
			&b->phase, &phase, to, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
		return;
	case DSU_COMMIT:
		if (finishes(t))
			finish_commit(b, phase);
	}
}

/* The program closed our descriptor behind our back. */
static void wait_without_pipe(struct dsu_block *b, uint32_t phase)
{
	struct timespec ms = {0, 1000000};

	syscall(SYS_futex, &b->phase, FUTEX_WAIT, phase, &ms, NULL, 0);
}

/* The phase that is none of `kinds` (bits), or of another round or none: then this one went back. */
uint32_t dsu_wait_while(const struct dsu_thread *t, unsigned kinds)
{
	struct dsu_block *b = dsu_block;
	uint32_t round = t->round;

	for (;;) {
		uint32_t phase = DSU_LOAD(&b->phase);
		long n;
		char c;

		if (DSU_ROUND(phase) != round || DSU_KIND(phase) > DSU_UNDO)
			return DSU_WORD(round, DSU_LOAD(&b->undone) == round ? DSU_UNDO : DSU_BACK);
		if (!(kinds & 1u << DSU_KIND(phase)))
			return phase;
		n = dsu_raw_syscall(
			SYS_read, dsu_fds.wait[DSU_KIND(phase) != DSU_STOP], (long)&c, 1);
		if (n == 0)
			orphaned(t, phase);
		else if (n < 0 && n != -EINTR)
			wait_without_pipe(b, phase);
	}
}
