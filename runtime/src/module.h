/* module.h - how shared objects make themselves known to the program's runtime. */
#ifndef DSU_MODULE_H
#define DSU_MODULE_H

#include <stddef.h>

#include "internal.h"

typedef const void *const dsu_address;

/* Functions that the compiler listed, by address. */
struct dsu_span {
	dsu_address *from, *to;
};

struct dsu_list {
	const void **at; /* sorted */
	size_t n;
};

/* In the object's own memory: gone with it. */
struct dsu_module {
	struct dsu_span opaque, entries;
	struct dsu_list sorted_opaque, sorted_entries;
	struct dsu_module *next;
};

/* By the object's constructor and destructor, perhaps before main(). */
extern DSU_EXPORT void dsu_module_add(struct dsu_module *m);
extern DSU_EXPORT void dsu_module_remove(struct dsu_module *m);

/* module.c, for the walk */
DSU_HIDDEN void dsu_modules_init(void);
DSU_HIDDEN int dsu_is_opaque(const void *function);
DSU_HIDDEN int dsu_is_entry(const void *function);
DSU_HIDDEN int dsu_is_final(const void *function); /* never returns */
DSU_HIDDEN int dsu_is_armed(const void *function); /* calls setjmp() */

/* carry.c */
DSU_HIDDEN int dsu_has_module(const void *from, const void *to);

#endif
