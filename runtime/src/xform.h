/* xform.h - objects of changed types, and pointers to them, at an update. */
#ifndef DSU_XFORM_H
#define DSU_XFORM_H

#include "internal.h"

/* A variable of a frame: its bytes now, where pointers see them (null: nowhere), the same anew. */
struct dsu_moved {
	const struct dsu_type *type;
	char *bytes, *at;
	char *to, *goes;             /* new bytes; null: the object stays */
	size_t size;                 /* old bytes: one of the type, or several */
	const char *name, *function; /* null: it has static storage */
};

DSU_HIDDEN int dsu_xform_begin(struct dsu_thread *t, const struct dsu_patch *p);
DSU_HIDDEN const struct dsu_type *dsu_xform_type(const char *key, const char *name, int moved);
DSU_HIDDEN size_t dsu_xform_size(const struct dsu_type *type, size_t size);
DSU_HIDDEN int dsu_xform_variable(const struct dsu_moved *m);
DSU_HIDDEN int dsu_xform_run(void);
DSU_HIDDEN void dsu_xform_trapped(const char *how); /* what the others would have given 0 for */
DSU_HIDDEN void dsu_xform_commit(void);
DSU_HIDDEN void dsu_xform_drop(void);

/* What else runs of the user's code, null when it has ended; and its refusal, 0. */
DSU_HIDDEN void dsu_xform_runs(const char *name);
DSU_HIDDEN int dsu_xform_refuse(const char *why, const char *name);

/* Why the last of these functions gave 0. */
extern DSU_HIDDEN const char *dsu_xform_why;
extern DSU_HIDDEN char dsu_xform_where[192];

extern DSU_HIDDEN const struct dsu_type dsu_any_pointer;

#endif
