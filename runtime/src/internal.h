/* internal.h - what the runtime's files know of each other. */
#ifndef DSU_INTERNAL_H
#define DSU_INTERNAL_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "arch.h"
#include "block.h"
#include "dsu_func.h"

#define DSU_HIDDEN __attribute__((visibility("hidden")))
#define DSU_EXPORT __attribute__((visibility("default")))
/*
 * What every update writes to lies together, on a page that a fork-ed process has made its own as it
 * began (dsu_request): each page more is one that the pause copies, in each process.
 */
#define DSU_TOUCHED __attribute__((section("dsu_touched")))
#define DSU_TLS     __thread __attribute__((tls_model("initial-exec")))

/* A frame taken apart. Lives in scratch memory from the unrolling to the next update. */
struct dsu_record {
	struct dsu_record *inner; /* the frame that this one had called; null: the innermost */
	const struct dsu_func *func;
	int cp;
	char *floor; /* lies beneath all of the frame's own memory */
	char *bytes;
};

/* Bytes that the base function puts back on the stack before it rebuilds. */
struct dsu_home {
	struct dsu_home *next;
	char *addr;
	const char *bytes;
	size_t size;
};

/* Why a thread could not be unrolled where it stood. */
struct dsu_blocker {
	const char *why; /* constant string; null: nothing blocks */
	uintptr_t pc;    /* in the frame that blocks, or 0 */
};

/* A piece of scratch memory; bytes follow. */
struct dsu_chunk {
	struct dsu_chunk *next;
	size_t size, used;
	size_t end; /* of what updates use; what is kept for good may lie behind it */
};

/* The program's signals that wait. Those words that every stop looks at lie in the thread. */
struct dsu_held_signal;
struct dsu_held {
	unsigned n, ran;
	uint64_t mask; /* from before: those seen are it, or it and more */
	struct dsu_held_signal *signals;
};

/* A call that has a time-out, or has done a part of its work, perhaps across an update. */
struct dsu_unfinished {
	long nr;         /* 0: none */
	int suspended;   /* by an update: the next such call goes on with it */
	long long until; /* CLOCK_MONOTONIC, ns; 0: never ends */
	size_t done;     /* of a transfer */
};

/* A wait for a condition variable or a barrier, kept over updates. */
struct dsu_waiting {
	const void *object; /* null: none */
	int suspended;      /* by an update: the next call for the same object goes on with it */
	int result;
	unsigned word;  /* of a condition variable: queued, or woken */
	unsigned round; /* of a barrier */
	void *mutex;
	struct dsu_waiting *next, *before;
};

/* A library's frames that outlive an update; see carry.c. */
struct dsu_context;
struct dsu_carried {
	char *sp;               /* of the frame that waits for their result */
	void **guard;           /* they may use the stack down to here; holds its own address */
	char *high;             /* the first address above them */
	struct dsu_context *at; /* the registers that they stopped with */
	long kept[6];           /* registers that their caller expects to be kept */
};

/* What a thread keeps under a key, and what that becomes. */
struct dsu_specific {
	unsigned key;
	char *value, *to;
};

/* A call on a socket with a time-out of its own that our signal has interrupted; nr 0: none. */
struct dsu_timed_call {
	long nr;
	int fd;
	long long since; /* ns */
};

/* Where a part of the stack begins that can be taken apart: main(), a thread, a signal's handler. */
struct dsu_base_at {
	void *landing[DSU_LANDING_WORDS];
	char *frame; /* of dsu_base() */
	/* how much of the scratch memory what is beneath may be using yet; main() and threads: none */
	struct dsu_chunk *chunk;
	size_t used;
};
#define DSU_BASES 4 /* at most so many in one another */

/* A call of a handler of the program's. */
struct dsu_handler {
	struct sigaction act;
	int sig;
	siginfo_t *info;
	void *context;
};

/* In its caller's frame: nothing of ours may stand between a base and what it calls. */
static inline __attribute__((always_inline)) void dsu_handle(const struct dsu_handler *h)
{
	if (h->act.sa_flags & SA_SIGINFO)
		h->act.sa_sigaction(h->sig, h->info, h->context);
	else
		h->act.sa_handler(h->sig);
}

struct dsu_thread {
	struct dsu_carried carried; /* first: carry.S finds it here */
	struct dsu_carried carries; /* the same for the walk at hand */
	int carrying;               /* it begins in a library */
	int known;      /* to the family: main(), or created by the program's own code */
	int slot;       /* or -1 */
	uint32_t round; /* in which it has stopped */
	int at_once;    /* and taken itself apart without waiting for others to stop, too */
	int endings;
	struct dsu_thread *next, **self; /* in the list of the process's threads */

	/* the base of the stack: main(), or where a thread starts */
	int (*entry)(int, char **, char **);
	int argc;
	char **argv, **envp;
	void *(*start)(void *);
	void *arg;
	size_t stack_limit; /* how much of the stack may be taken apart */
	struct dsu_base_at bases[DSU_BASES];
	unsigned base;     /* the innermost */
	int based;         /* the base function is active: this thread can be updated */
	unsigned nbeneath; /* what a handler of a signal has interrupted: it stays as it is */
	uint64_t beneath[DSU_BENEATH];

	/* an update in progress; unrolling is set from the first push to the last */
	int unrolling;
	int asked;                  /* by a coordinator, not by ourselves */
	struct dsu_record *records; /* outermost first */
	struct dsu_record *mapped;  /* likewise, in the new version */
	const char *why, *where;    /* it has none */
	struct dsu_home *homes, *new_homes;
	char *low, *new_low;        /* lowest home; frames are rebuilt beneath. Null: no home */
	char *region, *region_copy; /* the stack as it was before unrolling */
	struct dsu_chunk *scratch;
	int reserved; /* enough of it for the stack at hand */

	/* wrappers of blocking calls */
	int at_point; /* in dsu_point(): no handler may be updated */
	int in_call;  /* at the point at the head of one */
	int reissued; /* the next one is the one that was interrupted by an update */
	long handled; /* signal handlers run that make a call fail with EINTR */
	long ran;     /* signal handlers run */
	struct timespec
		until; /* a timed wait of libc's ends; in the past once something is asked */
	struct dsu_waiting waiting;

	struct dsu_timed_call timed_call;
	int held; /* signals wait: nothing of the program may run */
	struct dsu_held held_signals;
	int interrupted; /* by one of them: the call issued again fails with EINTR */
	int cancel_state;
	int transactions;
	uintptr_t transaction_at; /* pc of the outermost one's beginning */
	unsigned long long unroll_ticks, map_ticks, rebuild_ticks;
	int kept_errno;
	struct dsu_blocker blocker;
	size_t depth;    /* of the stack that the last walk has seen, bytes */
	unsigned frames; /* of it */
	uintptr_t point; /* pc of the update point that the last walk began at */
	struct dsu_unfinished unfinished;
	unsigned nspecifics;
	struct dsu_specific *specifics;
};

extern DSU_HIDDEN DSU_TLS struct dsu_thread dsu_thread;
/*
 * What is thread-local of us, of another thread. By way of a register: gcc would subtract a word of
 * the GOT, which ld cannot do without.
 */
static inline void *dsu_of_thread(const struct dsu_thread *t, void *mine)
{
	char *self = (char *)&dsu_thread;

	__asm__("" : "+r"(self));
	return (char *)mine + ((const char *)t - self);
}
extern DSU_HIDDEN unsigned dsu_mode; /* flags of dsu_run_main */
extern DSU_HIDDEN int dsu_off;       /* DSU_OFF: the runtime keeps out of everything */

/* Bits of dsu_request, which is the process's; from DSU_EINTR on it counts threads. */
#define DSU_SELFTEST 1
#define DSU_ASKED    2   /* by the coordinator */
#define DSU_EINTR    256 /* whose held signals make the call issued again fail with EINTR */
static inline void dsu_request_set(int bit)
{
	__atomic_fetch_or(&dsu_request, bit, __ATOMIC_RELAXED);
}
static inline void dsu_request_clear(int bit)
{
	__atomic_fetch_and(&dsu_request, ~bit, __ATOMIC_RELAXED);
}

/* interrupt.c: our signal */
extern DSU_HIDDEN DSU_TLS volatile long dsu_interrupts; /* how many came to this thread */
DSU_HIDDEN void dsu_interrupt_init(void);

/* signal.c: the program's signals wait while nothing of it may run */
DSU_HIDDEN void dsu_signals_init(struct dsu_thread *t);
DSU_HIDDEN void dsu_signals_hold(struct dsu_thread *t);
DSU_HIDDEN void dsu_signals_release(struct dsu_thread *t);
DSU_HIDDEN int dsu_signal_interrupts(struct dsu_thread *t);

/* init.c */
DSU_HIDDEN void dsu_init(unsigned flags);

/* log.c: no allocation, safe anywhere */
DSU_HIDDEN void dsu_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
DSU_HIDDEN _Noreturn void dsu_die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* scratch.c: freed all at once */
#define DSU_SCRATCH_MAIN   (16UL << 20)
#define DSU_SCRATCH_THREAD (1UL << 20)
DSU_HIDDEN struct dsu_chunk *dsu_chunk_get(size_t size);
DSU_HIDDEN void dsu_chunk_put(struct dsu_chunk *c);
DSU_HIDDEN void dsu_chunks_forked(void);
DSU_HIDDEN void *dsu_scratch(struct dsu_thread *t, size_t n);
DSU_HIDDEN void dsu_scratch_reset(struct dsu_thread *t);
DSU_HIDDEN size_t dsu_scratch_needed(const struct dsu_thread *t);
DSU_HIDDEN int dsu_scratch_reserve(struct dsu_thread *t, size_t n);
DSU_HIDDEN void *dsu_scratch_keep(struct dsu_thread *t, size_t n);
DSU_HIDDEN size_t dsu_scratch_left(const struct dsu_thread *t);

/* base.c */
DSU_HIDDEN void *dsu_base(struct dsu_thread *t, const struct dsu_handler *h);
/* The stack pointer that it begins with. */
static inline char *dsu_base_sp(const struct dsu_thread *t)
{
	return dsu_landing_sp(t->bases[t->base].landing);
}
DSU_HIDDEN _Noreturn void dsu_land(struct dsu_thread *t);

/* unwinder.c */
DSU_HIDDEN void dsu_unwinder_init(void);

/* lsda.c, walk.c */
DSU_HIDDEN int dsu_lsda_has_pad(const unsigned char *lsda, uintptr_t func, uintptr_t ip);
DSU_HIDDEN void dsu_walk_init(void);
DSU_HIDDEN int dsu_walk(struct dsu_thread *t);
DSU_HIDDEN int dsu_own_text(uintptr_t pc);
DSU_HIDDEN size_t dsu_stack_limit(const struct dsu_thread *t);

/* vanished.c: of the call that returns to `after`, while `inner` is the next frame's function */
DSU_HIDDEN int dsu_vanished(uintptr_t after, uintptr_t inner);

/* unroll.c; returns in flag-check mode only */
DSU_HIDDEN void dsu_unroll(struct dsu_thread *t);

/* rebuild.c: after all records are there, before the first is popped */
DSU_HIDDEN void dsu_rebuild(struct dsu_thread *t);
DSU_HIDDEN void dsu_rebuilt(struct dsu_thread *t);
DSU_HIDDEN const char *dsu_home_bytes(const struct dsu_thread *t, const char *addr);

/* selftest.c */
DSU_HIDDEN void dsu_selftest_init(void);
DSU_HIDDEN int dsu_selftest_due(void);
DSU_HIDDEN void dsu_selftest_done(int updated);
extern DSU_HIDDEN int dsu_selftest;

#endif
