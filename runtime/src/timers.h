/* timers.h - what timers of the program's (timer_create()) have with them. */
#ifndef DSU_TIMERS_H
#define DSU_TIMERS_H

#include "internal.h"

DSU_HIDDEN void dsu_timers_forked(void);
/* 0 with a reason: one has the address of an object that moves. */
DSU_HIDDEN int dsu_timers_allow(void);

#endif
