/* xform_in.h - what the steps of xform.c share: the objects found, and what is known of them. */
#ifndef DSU_XFORM_IN_H
#define DSU_XFORM_IN_H

#include "heap.h"
#include "shared.h"
#include "xform.h"

#define DSU_LOGGED 1020

/* What has been found: first the variables, then blocks of the heap. */
struct dsu_object {
	const struct dsu_type *type;
	char *at; /* as pointers see it */
	char *to; /* the new object's bytes; null: it stays where it is */
};

/* Of a variable, whose bytes may be apart from where pointers see it: a home on a stack. */
struct dsu_variable {
	char *bytes, *goes;
	size_t size;
	int done;     /* converted already, or has its value by itself */
	int followed; /* right behind it something else may begin */
	const char *name, *function;
};

struct dsu_change {
	char **slot;
	char *value;
};

struct dsu_log {
	struct dsu_log *before;
	unsigned n;
	struct dsu_change changes[DSU_LOGGED];
};

/* A pointer into a block that does not look like what the pointer's type says. */
struct dsu_doubt {
	struct dsu_doubt *next;
	const struct dsu_part *part;
	char *to;
	size_t object, at; /* where the pointer is: in which object, which byte of it */
};

struct dsu_watched; /* xform_epoll.c */

struct dsu_objects {
	struct dsu_thread *t;
	const struct dsu_patch *p;
	struct dsu_object *objects;
	struct dsu_variable *variables;
	size_t n, room, nvariables;
	uint32_t *order; /* the variables by address */
	size_t norder;
	struct dsu_log *log;
	struct dsu_doubt *doubts;
	size_t redirected;           /* objects whose pointers lead to where they should */
	size_t scanned;              /* the object whose pointers are being followed */
	struct dsu_watched *watched; /* entries of epoll sets */
	int active, may_map, pool_open, redirecting;
	struct dsu_chunk *taken; /* mapped, given back at the end */
	const char *converts;    /* the type whose transformer runs */
};

extern DSU_HIDDEN struct dsu_objects dsu_x;

static inline int dsu_in_heap(const struct dsu_object *o)
{
	return (size_t)(o - dsu_x.objects) >= dsu_x.nvariables;
}

static inline struct dsu_variable *dsu_variable_of(const struct dsu_object *o)
{
	return &dsu_x.variables[o - dsu_x.objects];
}

/* xform_find.c: bytes of a block, whoever has given it. */
DSU_HIDDEN size_t dsu_block_size(const char *at);

/* It is converted where it is; `to` are the bytes that it will have. */
static inline int dsu_is_shared(const struct dsu_object *o)
{
	return dsu_in_heap(o) && dsu_shared_size(o->at) != 0;
}

static inline size_t dsu_size_of(const struct dsu_object *o)
{
	return dsu_in_heap(o) ? dsu_block_size(o->at) : dsu_variable_of(o)->size;
}

static inline char *dsu_bytes_of(const struct dsu_object *o)
{
	return dsu_in_heap(o) ? o->at : dsu_variable_of(o)->bytes;
}

static inline int dsu_has_tail(const struct dsu_type *type)
{
	return type->nparts && type->parts[type->nparts - 1].kind & DSU_TAIL;
}

typedef int dsu_visit(const struct dsu_part *part, char **slot);

/* xform_types.c */
/* What is also kept behind pointers of other types, and could be in the block; null: nothing. */
DSU_HIDDEN const struct dsu_type *dsu_suspected(const struct dsu_heap_block *b);
DSU_HIDDEN int dsu_fits(const struct dsu_type *type, const struct dsu_heap_block *b);
/* The same of a block to whose byte `off` a pointer leads that is typed, and no `void *`. */
DSU_HIDDEN int dsu_may_hide(
	const struct dsu_heap_block *b, size_t off, const struct dsu_type *want);
/* A block that fits many small objects may be one large one, or several, that begin with such. */
DSU_HIDDEN int dsu_plausible(
	const struct dsu_type *type, const struct dsu_heap_block *b, size_t off);
/* What p leads to, if those that begin with a `type` are told apart by what they hold. */
DSU_HIDDEN const struct dsu_type *dsu_kind_of(
	const struct dsu_type *type, const char *p, const struct dsu_heap_block *b);
/* Types' names, null where there is none. */
DSU_HIDDEN int dsu_same_name(const char *a, const char *b);
/* What `T **` leads to: one pointer, which may be a member as well as all of a block. */
DSU_HIDDEN int dsu_is_pointer(const struct dsu_type *type);
/* Is there an object of the type `want` at offset `off` of one of `type`? */
DSU_HIDDEN int dsu_contains(
	const struct dsu_type *type, size_t size, size_t off, const struct dsu_type *want);
/* Visits all pointers of an object, or of the array of objects that fill `size`. */
DSU_HIDDEN int dsu_scan(const struct dsu_type *type, char *bytes, size_t size, dsu_visit *visit);

/* xform_stays.c */
/* Has an update left an object of the type, then longer, in a block of this size? */
DSU_HIDDEN int dsu_was_left(const struct dsu_type *type, const struct dsu_heap_block *b);
/* As what the block stays where it is, from now on known to have been left; null: it may not. */
DSU_HIDDEN const struct dsu_type *dsu_stays_as(const struct dsu_heap_block *b);

/* xform_find.c */
DSU_HIDDEN void dsu_sort_variables(void);
/* The object that p points into or one past the end of; or the block that nobody owns yet. */
DSU_HIDDEN struct dsu_object *dsu_find_object(char *p, struct dsu_heap_block *block);
/* The same, where p may be one past the end of a variable right behind which another lies. */
DSU_HIDDEN struct dsu_object *dsu_object_for(
	char *p, const struct dsu_part *part, struct dsu_heap_block *block);

/* xform_links.c: a pointer to what may lie inside of something larger */
/* What such a block is, if only one type fits; null: none, or several. */
DSU_HIDDEN const struct dsu_type *dsu_linked(
	const struct dsu_doubt *d, const struct dsu_heap_block *b);
/* Does it lead from a link that has been taken out of its list to what holds none any more? */
DSU_HIDDEN int dsu_link_is_idle(const struct dsu_doubt *d, const struct dsu_heap_block *b);
/* By what the mapping file says it is none of the types that begin so, and nothing else fits. */
DSU_HIDDEN int dsu_is_told(const struct dsu_doubt *d, const struct dsu_heap_block *b);
/* Always 0: says between what the user has to choose. */
DSU_HIDDEN int dsu_links_refuse(const struct dsu_doubt *d, const struct dsu_heap_block *b);

/* xform_discover.c: the block is an object of this type, or as many as it has room for. */
DSU_HIDDEN int dsu_take_block(const struct dsu_type *type, const struct dsu_heap_block *b);

/* The steps: 0 with a reason when the update is to be refused. */
DSU_HIDDEN int dsu_discover(void);
DSU_HIDDEN int dsu_convert(void);
DSU_HIDDEN const char *dsu_transform(
	const struct dsu_type *type, const char *from, char *to, unsigned long size);
DSU_HIDDEN size_t dsu_new_size(const struct dsu_object *o);
DSU_HIDDEN int dsu_redirect(void); /* again for what has been found since */
DSU_HIDDEN int dsu_epoll_redirect(void);
DSU_HIDDEN void dsu_epoll_commit(void);

/* xform_names.c: as a mapping file calls it: `function.variable` where it is a function's */
DSU_HIDDEN void dsu_name_variable(const struct dsu_variable *v, char *name, size_t size);
/* What the name of a pointer's type says of the start and the end of an object. */
DSU_HIDDEN int dsu_means(const char *of, const struct dsu_type *type);
DSU_HIDDEN int dsu_begins_with(const struct dsu_type *type, const char *of);
DSU_HIDDEN int dsu_ends_with(const struct dsu_type *type, const char *of);
DSU_HIDDEN int dsu_ends_with_changed(const struct dsu_type *type, const char *of);

/* xform_redirect.c: where what a pointer points to will be; 0 with a reason if nowhere. */
DSU_HIDDEN int dsu_new_address(const struct dsu_part *part, char *p, char **to);
/*
 * Always 0: a block that nobody owns cannot be left as it is, since it could hold objects that change
 * and that the program is known to keep behind pointers of another type.
 */
DSU_HIDDEN int dsu_unexplained(const struct dsu_part *part);

/* xform_dead.c: can nothing of the program be at this address? */
DSU_HIDDEN int dsu_is_dead(char *p);
/* Does a variable of a frame begin there, whose address may be known? */
DSU_HIDDEN int dsu_home_begins(const char *p);
/* Is it on the stack of a thread that has been taken apart? */
DSU_HIDDEN int dsu_is_on_stack(const char *p);

/* xform.c; always 0 */
DSU_HIDDEN int dsu_xform_fail(const char *why, const char *where, const char *what);

/* xform_memory.c: zeroed memory for as long as the update lasts, null where there is none */
DSU_HIDDEN void *dsu_xform_take(size_t n);
DSU_HIDDEN int dsu_xform_no_memory(void); /* always 0 */
DSU_HIDDEN void dsu_xform_give_back(void);

#endif
