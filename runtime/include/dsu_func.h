/* dsu_func.h - reading the tables of an instrumented function. */
#ifndef DSU_FUNC_H
#define DSU_FUNC_H

#include "dsu_abi.h"

static inline const void *dsu_part_at(const struct dsu_func *f, unsigned offset)
{
	return (const char *)f + offset;
}

/* Unique in the program: "dir/file.c$function", or "function" if it is global. */
static inline const char *dsu_key(const struct dsu_func *f)
{
	return dsu_part_at(f, f->names);
}

static inline const char *dsu_var_name(const struct dsu_func *f, const struct dsu_var *v)
{
	return dsu_key(f) + v->name;
}

static inline const struct dsu_cp *dsu_cp_of(const struct dsu_func *f, int cp)
{
	return (const struct dsu_cp *)dsu_part_at(f, f->cps) + cp;
}

/* Which variable is the i-th in a record of the point `at`. */
static inline unsigned dsu_live_at(const struct dsu_func *f, const struct dsu_cp *at, unsigned i)
{
	return ((const unsigned short *)dsu_part_at(f, f->live))[at->live + i];
}

static inline const struct dsu_var *dsu_var_of(const struct dsu_func *f, unsigned i)
{
	return (const struct dsu_var *)dsu_part_at(f, f->vars) + i;
}

/* How many bytes of it a record holds: the object, or the address of a pinned one. */
static inline unsigned dsu_kept(const struct dsu_var *v)
{
	return v->flags & DSU_PINNED ? (unsigned)sizeof(void *) : v->size;
}

/* Bytes of a record of the point `cp`. */
static inline unsigned long dsu_record_bytes(const struct dsu_func *f, int cp)
{
	const struct dsu_cp *at = dsu_cp_of(f, cp);
	unsigned long size = 0;

	for (unsigned i = 0; i < at->nlive; i++)
		size += dsu_kept(dsu_var_of(f, dsu_live_at(f, at, i)));
	return size;
}

#endif
