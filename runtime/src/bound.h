/* bound.h - names of libraries, kept with the ledger. */
#ifndef DSU_BOUND_H
#define DSU_BOUND_H

#include <link.h>

#include "family.h"

DSU_HIDDEN void dsu_bound_write(struct dsu_ledger *l, int fd, const ElfW(Dyn) * d);

#endif
