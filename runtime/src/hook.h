/* hook.h - code of the user's that runs around the decision, and files that it writes anew. */
#ifndef DSU_HOOK_H
#define DSU_HOOK_H

#include "internal.h"

/* 0: dsu_xform_why says why the update cannot be. */
DSU_HIDDEN int dsu_hooks_prepare(const struct dsu_patch *p);
DSU_HIDDEN int dsu_files_prepare(const struct dsu_patch *p);

/* One of the two, before anything of the program runs again; nothing happens if nothing was prepared. */
DSU_HIDDEN void dsu_hooks_end(int forward);
DSU_HIDDEN void dsu_files_end(int forward);

#endif
