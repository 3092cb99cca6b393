/* map.h - from records of one version to records of the other: single frames and chains of them. */
#ifndef DSU_MAP_H
#define DSU_MAP_H

#include "family.h"
#include "xform.h"

struct dsu_map {
	struct dsu_thread *t;
	const char *name; /* of the variable at hand */
	const char **why, **where;
};

enum dsu_carry { DSU_CARRY_ON, DSU_CARRY_MOVE, DSU_CARRY_COPY };

/* map.c. Where a function gives 0, *why says why. */
DSU_HIDDEN const char *dsu_value_in(
	const struct dsu_record *r, const char *name, const struct dsu_var **var);
DSU_HIDDEN char *dsu_new_home(struct dsu_thread *t, const char *bytes, size_t size);
DSU_HIDDEN int dsu_carry_pointers(struct dsu_map *m, struct dsu_moved *v);
DSU_HIDDEN int dsu_carry_fresh(struct dsu_map *m, const struct dsu_var *v, char **to);
DSU_HIDDEN int dsu_carry(struct dsu_map *m, const struct dsu_record *r, const char *from_name,
	const struct dsu_var *v, enum dsu_carry how, char **to);

/*
 * chain.c. Non-zero: the frames from *r on have become those that end before *out, and both have
 * moved on. Zero: no chain begins there, or *why says why it cannot be followed.
 */
DSU_HIDDEN int dsu_map_chain(struct dsu_map *m, const struct dsu_patch *p,
	const struct dsu_record **r, struct dsu_record ***out);

#endif
