/* carry.h - a thread that waits in a library is updated with the library's frames kept. */
#ifndef DSU_CARRY_H
#define DSU_CARRY_H

#include <ucontext.h>

#include "internal.h"

/* What our signal has interrupted: if it is a library's system call, the thread looks what to do. */
DSU_HIDDEN void dsu_carry_interrupted(ucontext_t *uc);

/* The first address above the library's frames that the walk at hand begins beneath, or null. */
DSU_HIDDEN char *dsu_carry_above(const struct dsu_thread *t);
/* Is it the frame that a library returns to which an update has kept? */
DSU_HIDDEN int dsu_carry_is(uintptr_t func);
/* How much room is left for the library beneath its frames; 0: none is needed. */
DSU_HIDDEN size_t dsu_carry_room(const struct dsu_thread *t);
/* Is the innermost record a library's? Then nothing may be put above this; else null. */
DSU_HIDDEN char *dsu_carry_floor(const struct dsu_thread *t);
/* Words of the library's frames, as they were; 0: the thread carries none. */
DSU_HIDDEN size_t dsu_carry_words(const struct dsu_thread *t, char *const **words);

#endif
