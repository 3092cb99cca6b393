/* trap.h - user code of a patch that traps makes the update fail, not the program. */
#ifndef DSU_TRAP_H
#define DSU_TRAP_H

#include "internal.h"

/* Runs `work`; gives 0, or the signal by which it has ended. Not to be nested. */
DSU_HIDDEN int dsu_trap(void (*work)(void *), void *data, int may_catch);
/* Inside of it: a part of the work that may fail by itself. */
DSU_HIDDEN int dsu_trap_part(void (*work)(void *), void *data);
DSU_HIDDEN const char *dsu_trap_name(int sig);

#endif
