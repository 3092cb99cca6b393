/* dsu_func.h - reading the tables of an instrumented function. */
#ifndef DSU_FUNC_H
#define DSU_FUNC_H

#include "dsu_abi.h"

static inline const void *dsu_part_at(const struct dsu_func *f, unsigned offset)
{
	return (const char *)f + offset;
}

/*
 * For a description that is written by hand, at file scope: it begins with a struct dsu_func, whose
 * `resume` is DSU_LATER. Zeros that lie side by side are nothing that gas has relocations for.
 */
#define DSU_LATER (-1)
#define DSU_RESUMED_BY(description, variant) \
	__asm__(".reloc " #description "+24, " DSU_DISTANCE ", " #variant)
#ifdef __aarch64__
# define DSU_DISTANCE "R_AARCH64_PREL64"
#else
# define DSU_DISTANCE "R_X86_64_PC64"
#endif
_Static_assert(__builtin_offsetof(struct dsu_func, resume) == 24, "DSU_RESUMED_BY");

/* It really gives what the function does; see dsu_next(). */
static inline void (*dsu_resume_of(const struct dsu_func *f))(void *const *)
{
	return (void (*)(void *const *))((const char *)&f->resume + f->resume);
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
