/* trust.h - whose patches the program takes. */
#ifndef DSU_TRUST_H
#define DSU_TRUST_H

#include "family.h"

DSU_HIDDEN void dsu_trust_read(struct dsu_trust *t);

#endif
