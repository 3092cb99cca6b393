/* specific.h - what threads keep under keys of the program's (pthread_setspecific()). */
#ifndef DSU_SPECIFIC_H
#define DSU_SPECIFIC_H

#include "internal.h"

/* The calling thread's values, for whoever transforms the process's objects. */
DSU_HIDDEN void dsu_specifics_look(struct dsu_thread *t);
/* Those of all threads that point to what moves; 0 with a reason when the update is to be refused. */
DSU_HIDDEN int dsu_specifics_redirect(void);
/* Decided: the calling thread's values point to what has moved. */
DSU_HIDDEN void dsu_specifics_commit(struct dsu_thread *t);

#endif
