/* family.h - a program's processes as one thing that is updated together. */
#ifndef DSU_FAMILY_H
#define DSU_FAMILY_H

#include <signal.h>

#include "block.h"
#include "internal.h"

#define DSU_SIGNAL (SIGRTMAX - 2)

extern DSU_HIDDEN struct dsu_block *dsu_block; /* null: no family; self-updates still work */
extern DSU_HIDDEN int dsu_slot;                /* ours, or -1 */
extern DSU_HIDDEN int dsu_fd_low, dsu_fd_high; /* descriptors that the program may not close */

/* family.c */
DSU_HIDDEN void dsu_family_init(void);

/* arena.c */
DSU_HIDDEN int dsu_arena_init(struct dsu_block *b);

/* slot.c */
DSU_HIDDEN int dsu_slot_claim(void);
DSU_HIDDEN void dsu_slot_take(int slot);
DSU_HIDDEN void dsu_slot_report(enum dsu_state state);

/* fork.c */
DSU_HIDDEN void dsu_fork_init(void);

/* stop.c */
DSU_HIDDEN int dsu_asked(void);
DSU_HIDDEN void dsu_stop(struct dsu_thread *t);

/* wait.c */
DSU_HIDDEN uint32_t dsu_wait_while(unsigned kinds);

/* decide.c */
DSU_HIDDEN void dsu_decide(struct dsu_thread *t);
DSU_HIDDEN void dsu_resumed(struct dsu_thread *t);

/* map.c: null and *why, or the records in the new version */
DSU_HIDDEN int dsu_map(struct dsu_thread *t, const struct dsu_patch *p,
	struct dsu_record **new_records, const char **why, const char **where);

#endif
