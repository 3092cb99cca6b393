/*
 * block.h - what a family of processes and dsuctl share: the control block, which all of them write
 * to, and the ledger, which dsuctl alone does.
 *
 * A process may have been taken over, and the block is then what it likes. So the block only says
 * how far things are; what a process runs, follows or writes to because of an update, and where
 * dsuctl writes, is said by the ledger.
 *
 * The phase is the one word by which all decide alike. dsuctl moves it forward; a process that
 * finds dsuctl gone (end of file on the `wait` pipe) may only replace a phase before COMMIT by
 * BACK, with compare-and-swap.
 */
#ifndef DSU_BLOCK_H
#define DSU_BLOCK_H

#include <signal.h>
#include <stdint.h>
#include <string.h>

#include "arch.h"
/* What instrumented code calls is exported by the program, for the modules that it loads. */
#pragma GCC visibility push(default)
#include "dsu_abi.h"
#pragma GCC visibility pop

#define DSU_BLOCK_MAGIC  "dsublk1"
#define DSU_SLOTS        4096
#define DSU_PATCHES      1024
#define DSU_NAMES        32768
#define DSU_RESOLVES     512
#define DSU_SHARED       1024
#define DSU_CONTROL_NAME "dsu-control"
#define DSU_ARENA_NAME   "dsu-arena"
#define DSU_LOCK_CTL \
	DSU_SLOTS /* byte of the control file that the coordinator locks; below: slots */

/* Phases and states carry their round: a word that is equal has not changed in between. */
#define DSU_WORD(round, kind) ((uint32_t)(round) << 8 | (uint32_t)(kind))
#define DSU_KIND(word)        ((word) & 0xffu)
#define DSU_ROUND(word)       ((word) >> 8)

enum dsu_phase {
	DSU_IDLE,
	DSU_STOP,   /* come to an update point and wait */
	DSU_UNROLL, /* take the stack apart, map it, wait */
	DSU_COMMIT, /* decided: forward. Entries are being redirected */
	DSU_RESUME, /* rebuild in the new version */
	DSU_BACK,   /* go on in the old version: only who did so at once has been taken apart */
	DSU_UNDO,   /* rebuild in the old version */
};

enum dsu_state {
	DSU_FREE,
	DSU_BORN, /* claimed by its parent before the fork */
	DSU_RUNNING,
	DSU_STOPPED,
	DSU_BLOCKED,   /* came to a point, but its stack cannot be taken apart there; runs on */
	DSU_UNROLLING, /* takes itself apart at once, and has not come to the end of that */
	DSU_UNROLLED,
	DSU_UNMAPPABLE, /* unrolled, and a frame has no counterpart; waits */
	DSU_RESUMED,
	DSU_ENDED, /* a process's first thread is gone, and others of it live */
};

#define DSU_BENEATH 16

/*
 * A thread. The slot of a process's first thread is the process's, too. What a stop reads and writes of
 * it is one cache line: with many threads each of these goes from one processor to the other.
 */
struct dsu_slot {
	int32_t pid;     /* of the process, as it sees itself */
	int32_t tid;     /* likewise; 0: it has not begun yet */
	uint32_t beside; /* dsu_process_of() */
	uint32_t top;    /* in the process's slot: the block's, when the process was there last */
	uint32_t
		sandboxed; /* likewise: may make no system call but a few, unless dsuctl has looked */
	uint32_t blocked;  /* times, in this round */
	uint64_t arrived;  /* ticks, when it stopped */
	uint64_t point;    /* pc of the update point that it came to */
	uint64_t pc;       /* in the frame that blocks */
	uint32_t nbeneath; /* functions that stand beneath a handler of a signal */
	char why[208];
	uint64_t unroll_ticks, map_ticks, rebuild_ticks;
	uint64_t beneath[DSU_BENEATH]; /* pcs in them */
} __attribute__((aligned(64)));

/* A patch's own thread-local variables: a part of the room that each thread has for them. */
#define DSU_THREAD_ROOM       2048UL
#define DSU_THREAD_ROOM_ALIGN 64UL
struct dsu_thread_part {
	uint64_t offset;            /* of it, from the thread pointer */
	uint64_t at, size;          /* in the room */
	uint64_t image, image_size; /* what they begin with; the rest is zero */
};

struct dsu_applied {
	uint8_t digest[32];
	uint8_t from[20], to[20];
	uint64_t base; /* where the file's address 0 lies */
	uint64_t text_size, data_size;
	uint64_t patch;                /* struct dsu_patch */
	uint64_t eh_frame;             /* or 0 */
	uint64_t syms, nsyms, strings; /* its exports, for later patches */
	uint64_t entries, nentries;    /* dsu_entries and dsu_opaque of the patch */
	uint64_t opaque, nopaque;
	uint64_t image, image_size; /* initial bytes of the data, in the arena */
	uint64_t data;
	struct dsu_thread_part threads;
	uint64_t reserved; /* bytes of the arena, and of the pool */
	int64_t when;      /* seconds since the epoch */
	int64_t reverted;  /* the same; 0: it is in force */
	uint32_t below;    /* the patch that it was applied to, like dsu_block.top */
	uint32_t pad;
};

/*
 * What libgcc keeps of a patch's unwind tables lies behind the patch's data: ours to give, so that
 * nothing is allocated, and on a page that the update writes to anyway.
 */
#define DSU_UNWINDS                 64
#define DSU_WITH_UNWINDS(data_size) ((data_size) + 16 + DSU_UNWINDS)
static inline uint64_t dsu_unwinds_at(const struct dsu_applied *a)
{
	return (a->data + a->data_size + 15) & ~15UL;
}

/* Whose patches the program takes. */
#define DSU_KEYS 8
struct dsu_trust {
	uint32_t pinned; /* only those that are signed by one of the keys */
	uint32_t nkeys;
	uint8_t keys[DSU_KEYS][32]; /* Ed25519 */
};

/* A name that a patch has of a library, and what it was linked as; 0: nobody has it. */
struct dsu_resolved {
	uint32_t name; /* where in names */
	uint64_t value;
};

/*
 * What a name that the program has of its libraries meant as it started. It means the same in all of
 * its processes and for good: they are forked, and what is found first in a library stays there.
 */
struct dsu_bound {
	uint64_t value;
	uint64_t name; /* in the arena */
};

#define DSU_READS 3
struct dsu_range {
	uint64_t at, size;
};

/* Lies at the beginning of the arena, which the processes can only read. */
struct dsu_ledger {
	char magic[8];
	struct dsu_trust trust;
	uint64_t text,
		text_size; /* the executable's code, and where its copy stands in the arena */
	uint64_t text_offset;
	uint64_t arena, arena_size, arena_used;
	uint64_t thread_room_used;
	uint64_t load_bias;
	uint64_t bound; /* struct dsu_bound, in the arena */
	uint32_t nbound;
	struct dsu_range reads[DSU_READS]; /* by every unwinding */
	uint32_t build_id_size;
	uint8_t build_id[20];
	int32_t signal;
	uint32_t announced; /* the round in which `hand` is what shall be done */
	uint32_t at_once;   /* the round in which a lone thread does not wait for UNROLL */
	uint32_t decided;   /* the round in which it is, unless all went back before */
	uint32_t
		npatches; /* in the log, reverted ones too: their code and data stay where they are */
	uint32_t top;     /* the patch in force, 1 its index; 0: the program as it was started */
	uint32_t hand;    /* index of the patch that is being applied, or taken back */
	uint32_t reverting; /* it is taken back */
	int64_t when;       /* of the decision, seconds since the epoch */
	uint32_t nresolved; /* of the patch at hand */
	struct dsu_resolved resolved[DSU_RESOLVES];
	char names[DSU_NAMES];
	struct dsu_applied patches[DSU_PATCHES];
};
#define DSU_LEDGER_MAGIC "dsuldg3"
#define DSU_LEDGER_ROOM  ((sizeof(struct dsu_ledger) + 4095) & ~4095UL)

/* Descriptors of the processes. */
struct dsu_fds {
	int32_t control, arena, notify;
	int32_t wait
		[2]; /* DSU_STOP's and DSU_UNROLL's: who is quick may not take a slow one's byte */
};

struct dsu_block {
	char magic[8];
	uint32_t abi, size;
	uint32_t phase;    /* DSU_WORD */
	uint32_t leader;   /* slot */
	uint32_t overflow; /* processes and threads that found no slot */
	uint32_t undone;   /* the last round that ended by UNDO */
	int32_t running;   /* slots whose owner runs; who stops last tells dsuctl */
	int32_t pending;   /* slots that have not come to what UNROLL or RESUME waits for */
	uint32_t next_slot;
	uint32_t faulted; /* a test's fault has happened */
	uint32_t crashes; /* processes that another of the family has found to have crashed */
	int32_t crashed, crashed_by; /* the last one of them: pid, signal */
	struct dsu_fds fds;
	uint32_t flags;                  /* of dsu_run_main */
	uint64_t resolves[DSU_RESOLVES]; /* the leader's answers as it stops; 0: no such name */
	uint64_t shared[DSU_SHARED];     /* mappings that have been converted: round, which */
	uint32_t shared_lock;            /* slot of the process that converts them, plus 1 */
	uint32_t states
		[DSU_SLOTS]; /* DSU_WORDs; apart from the slots: dsuctl looks at all of them often */
	struct dsu_slot slots[DSU_SLOTS];
};

_Static_assert(sizeof(((struct dsu_redirect *)0)->was) == DSU_ENTRY_ROOM + DSU_ENTRY_BYTES,
	"a redirect remembers all that it overwrites");

/* What will stand at a function's entry, from the room in front of it on. */
static inline void dsu_entry(unsigned char *to, const struct dsu_redirect *r, unsigned reverting)
{
	if (reverting) {
		memcpy(to, r->was, sizeof r->was);
		return;
	}
	dsu_entry_jump(to, (uint64_t)r->old_entry - DSU_ENTRY_ROOM, (uint64_t)r->new_entry);
}

/*
 * What the decision changes in the ledger once all entries are redirected. Whoever finds it half
 * done does it again.
 */
static inline void dsu_settle(struct dsu_ledger *l)
{
	struct dsu_applied *a = &l->patches[l->hand];

	if (l->reverting) {
		a->reverted = l->when;
		l->top = a->below;
		return;
	}
	a->when = l->when;
	a->reverted = 0;
	if (l->hand >= l->npatches) {
		l->arena_used = a->base - l->arena + a->reserved;
		if (a->threads.size)
			l->thread_room_used = a->threads.at + a->threads.size;
		l->npatches = l->hand + 1;
	}
	l->top = l->hand + 1;
}

#define DSU_LOAD(p)     __atomic_load_n(p, __ATOMIC_SEQ_CST)
#define DSU_STORE(p, v) __atomic_store_n(p, v, __ATOMIC_SEQ_CST)

/* Signals that a program brings upon itself, and the one by which the kernel takes its memory back. */
static inline int dsu_is_crash(int signal)
{
	switch (signal) {
	case SIGILL:
	case SIGTRAP:
	case SIGABRT:
	case SIGBUS:
	case SIGFPE:
	case SIGSEGV:
	case SIGSYS:
	case SIGKILL:
		return 1;
	}
	return 0;
}

static inline int dsu_runs(uint32_t word)
{
	unsigned kind = DSU_KIND(word);

	return kind == DSU_BORN || kind == DSU_RUNNING || kind == DSU_BLOCKED ||
	       kind == DSU_UNROLLING || kind == DSU_RESUMED;
}

/*
 * The slot of the process that a thread's slot belongs to. A free one is nobody's and has 0 there: one
 * that has just been claimed looks like a process that is being born, not like the last owner's.
 */
static inline int dsu_process_of(const struct dsu_block *b, int slot)
{
	return (int)(((uint32_t)slot + DSU_LOAD(&b->slots[slot].beside)) % DSU_SLOTS);
}

static inline void dsu_belongs(struct dsu_block *b, int slot, int process)
{
	DSU_STORE(&b->slots[slot].beside, (uint32_t)(process - slot) % DSU_SLOTS);
}

/* Of a dead process, to be nobody's: 0 for all but one of those who want to. */
static inline int dsu_disown(struct dsu_block *b, int slot, int process)
{
	uint32_t was = (uint32_t)(process - slot) % DSU_SLOTS;

	return __atomic_compare_exchange_n(
		&b->slots[slot].beside, &was, 0, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

/* Every change of a slot goes through here. How many run afterwards. */
static inline int dsu_count(struct dsu_block *b, uint32_t was, uint32_t is)
{
	return __atomic_add_fetch(&b->running, dsu_runs(is) - dsu_runs(was), __ATOMIC_SEQ_CST);
}

static inline int dsu_set_state(struct dsu_block *b, int slot, uint32_t word)
{
	return dsu_count(b, __atomic_exchange_n(&b->states[slot], word, __ATOMIC_SEQ_CST), word);
}

#endif
