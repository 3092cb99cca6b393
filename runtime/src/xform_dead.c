/*
 * xform_dead.c - where no object of the program is: what a variable that nothing has been put into
 * yet holds by chance. Most often that is what a function has left that has returned: addresses on
 * its stack, of code, strings and tables, and in libraries, whose allocator writes its own into free
 * memory, too.
 */
#include <dlfcn.h>
#include <string.h>
#include <sys/auxv.h>

#include "carry.h"
#include "family.h"
#include "map.h"
#include "module.h"
#include "xform_in.h"

extern const char __executable_start[], etext[], __data_start[];

/* Code, tables of the linker's and constants: all that are objects are variables, and known. */
static int is_constant(const char *p)
{
	return p >= __executable_start &&
	       p < (dsu_x.p->types.walks & DSU_UNNAMED ? etext : __data_start);
}

/* Of a library that is not compiled by dsucc; what it has is not the program's. */
static int in_library(char *p)
{
	struct dl_find_object o, program;

	return !_dl_find_object(p, &o) && !_dl_find_object((void *)__executable_start, &program) &&
	       o.dlfo_map_start != program.dlfo_map_start &&
	       !dsu_has_module(o.dlfo_map_start, o.dlfo_map_end);
}

/* Has the frame a variable whose address may be known, there or (`inside`) around it? */
static int has_home(const struct dsu_record *r, const char *p, int inside)
{
	const struct dsu_cp *at = dsu_cp_of(r->func, r->cp);
	const char *bytes = r->bytes, *home;

	for (unsigned i = 0; i < at->nlive; i++) {
		const struct dsu_var *v = dsu_var_of(r->func, dsu_live_at(r->func, at, i));

		if (v->flags & DSU_PINNED) {
			memcpy(&home, bytes, sizeof home);
			if (p == home || (inside && p > home && p <= home + v->size))
				return 1;
		}
		bytes += dsu_kept(v);
	}
	return 0;
}

/* Is it in a variable of the frame, or in one whose variables nobody lists? `end`: of the frame. */
static int in_frame(const struct dsu_record *r, const char *p, const char *end)
{
	int unlisted = (r->func->flags & (DSU_KEEPS_FRAME | DSU_LISTS_ALL)) == DSU_KEEPS_FRAME;

	return (unlisted && p >= (char *)r->floor && p <= end) || has_home(r, p, 1);
}

/* On the stack of a thread, and in nothing that its frames have. */
static int on_stack(const struct dsu_thread *t, const char *p)
{
	const char *high = dsu_base_sp(t), *end = high;
	size_t limit = dsu_stack_limit(t);

	/* A library that waits has its frames there, too. */
	if (!t->records || dsu_carry_floor(t))
		return 0;
	if (p >= high)
		return t->argv && p < (char *)getauxval(AT_EXECFN); /* nothing is behind it */
	if (p < t->region)
		return limit != SIZE_MAX && (size_t)(high - p) < limit;
	for (const struct dsu_record *r = t->records; r; r = r->inner) {
		if (in_frame(r, p, end))
			return 0;
		end = r->floor;
	}
	return 1;
}

int dsu_home_begins(const char *p)
{
	for (const struct dsu_thread *t = dsu_threads; t; t = t->next)
		for (const struct dsu_record *r = t->records; r; r = r->inner)
			if (has_home(r, p, 0))
				return 1;
	return 0;
}

int dsu_is_on_stack(const char *p)
{
	for (const struct dsu_thread *t = dsu_threads; t; t = t->next)
		if (t->records && p >= t->region && p < (char *)dsu_base_sp(t))
			return 1;
	return 0;
}

int dsu_is_dead(char *p)
{
	if (is_constant(p) || in_library(p))
		return 1;
	for (const struct dsu_thread *t = dsu_threads; t; t = t->next)
		if (on_stack(t, p))
			return 1;
	return 0;
}
