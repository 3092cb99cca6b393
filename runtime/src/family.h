/* family.h - a program's processes as one thing that is updated together. */
#ifndef DSU_FAMILY_H
#define DSU_FAMILY_H

#include <signal.h>

#include "block.h"
#include "internal.h"

#define DSU_SIGNAL (SIGRTMAX - 2)

extern DSU_HIDDEN struct dsu_block *dsu_block; /* null: no family; self-updates still work */
extern DSU_HIDDEN const struct dsu_ledger *dsu_ledger; /* with the block */
extern DSU_HIDDEN struct dsu_fds dsu_fds;              /* our own copy: the block's is anybody's */
extern DSU_HIDDEN int dsu_slot;                        /* our process's, or -1 */
extern DSU_HIDDEN int dsu_fd_low, dsu_fd_high; /* descriptors that the program may not close */

/* family.c */
DSU_HIDDEN void dsu_family_init(void);

/* unwinder.c */
DSU_HIDDEN void dsu_unwinder_reads(struct dsu_ledger *l);

/* arena.c */
DSU_HIDDEN int dsu_arena_init(void);

/* slot.c */
DSU_HIDDEN int dsu_slot_claim(int process);
DSU_HIDDEN void dsu_slot_take(struct dsu_thread *t, int slot);
DSU_HIDDEN void dsu_slot_begin(struct dsu_thread *t);
DSU_HIDDEN void dsu_slot_leave(int slot);
DSU_HIDDEN int dsu_slot_dead(int slot);
DSU_HIDDEN void dsu_slot_report(struct dsu_thread *t, enum dsu_state state);
DSU_HIDDEN void dsu_slots_unrolled(int at_once);
DSU_HIDDEN void dsu_notify(void);

/* process.c: the threads of this process that take part */
struct dsu_meeting {
	uint64_t came; /* round, count */
	uint32_t over; /* the last round in which all have come */
};
extern DSU_HIDDEN struct dsu_thread *dsu_threads;
extern DSU_HIDDEN int dsu_living;
extern DSU_HIDDEN int dsu_threaded; /* has had more than one thread */
extern DSU_HIDDEN struct dsu_meeting dsu_all_unrolled, dsu_all_decided, dsu_all_rebuilt;
DSU_HIDDEN void dsu_threads_init(void);
DSU_HIDDEN void dsu_thread_begin(struct dsu_thread *t);
DSU_HIDDEN void dsu_thread_end(struct dsu_thread *t);
DSU_HIDDEN void dsu_thread_adopt(struct dsu_thread *t);
DSU_HIDDEN void dsu_threads_forked(struct dsu_thread *t);
DSU_HIDDEN int dsu_come(struct dsu_meeting *m, uint32_t round);
DSU_HIDDEN void dsu_close(struct dsu_meeting *m, uint32_t round);
DSU_HIDDEN void dsu_await(struct dsu_meeting *m, uint32_t round);

/* thread.c */
DSU_HIDDEN void dsu_thread_part_begin(struct dsu_thread *t, const struct dsu_applied *a);

/* sysw_cond.c */
DSU_HIDDEN void dsu_conds_init(void);
DSU_HIDDEN void dsu_conds_forked(struct dsu_thread *t);

/* fork.c */
DSU_HIDDEN int dsu_forks(long nr, long flags);
DSU_HIDDEN long dsu_fork_by(long nr, const long a[6]);
DSU_HIDDEN void dsu_fork_init(void);

/* stop.c */
DSU_HIDDEN int dsu_asked(void);
DSU_HIDDEN void dsu_stop(struct dsu_thread *t);

/* wait.c */
DSU_HIDDEN uint32_t dsu_wait_while(const struct dsu_thread *t, unsigned kinds);

/* decide.c */
DSU_HIDDEN void dsu_decide(struct dsu_thread *t);
DSU_HIDDEN void dsu_together(struct dsu_thread *t);
DSU_HIDDEN void dsu_resumed(struct dsu_thread *t);

/* map.c: null and *why, or the records in the new version */
DSU_HIDDEN int dsu_map(struct dsu_thread *t, const struct dsu_patch *p,
	struct dsu_record **new_records, const char **why, const char **where);

#endif
