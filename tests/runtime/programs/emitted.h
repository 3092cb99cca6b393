/*
 * emitted.h - the shape of what the compiler emits, in macros, so that tests of the runtime need
 * no compiler. Landing-pad mode unless FLAG_CHECK is defined.
 *
 * A function is written once, as BODY(hot), where hot is the constant 1 in the hot variant.
 */
#ifndef EMITTED_H
#define EMITTED_H

#include <stddef.h>
#include <string.h>

#include "dsu_func.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))
#define NAME   24 /* room for each name in a table */

/* Up to four variables; a point's live ones are the first few. */
struct table {
	struct dsu_func func;
	struct dsu_var vars[4];
	struct dsu_cp cps[4];
	unsigned short live[4];
	char names[5][NAME];
};
#define TABLE(digest_, nvar_, ncp_)                      \
	.func = {.abi = DSU_ABI,                         \
		.ncp = (ncp_),                           \
		.nvar = (nvar_),                         \
		.resume = DSU_LATER,                     \
		.digest = (digest_),                     \
		.vars = offsetof(struct table, vars),    \
		.cps = offsetof(struct table, cps),      \
		.live = offsetof(struct table, live),    \
		.names = offsetof(struct table, names)}, \
	.live = {0, 1, 2, 3}
/* Behind a table: the function that resumes, which the C compiler does not see being used. */
#define RESUMED_BY(table_, resume_)                                                    \
	static void *const table_##_resumes __attribute__((used)) = (void *)(resume_); \
	DSU_RESUMED_BY(table_, resume_)
#define VAR(i, size_, flags_) {.name = ((i) + 1) * NAME, .size = (size_), .flags = (flags_)}
#define LIVE(n)               {.kind = DSU_CP_CALL, .nlive = (n)}
#define POINT()                                       \
	do {                                          \
		if (__builtin_expect(dsu_request, 0)) \
			if (dsu_point())              \
				dsu_unwind();         \
	} while (0)

/* Up to four live variables, by address and size; the address itself for a pinned one. */
struct ctx {
	int cp, done;
	const struct dsu_func *d;
	void *p[4];
	unsigned n;
};

static inline __attribute__((always_inline)) void save(struct ctx *c)
{
	char *r;

	if (c->done || !(r = dsu_push(c->d, c->cp)))
		return;
	for (unsigned i = 0; i < dsu_cp_of(c->d, c->cp)->nlive; i++) {
		const struct dsu_var *v = dsu_var_of(c->d, i);

		memcpy(r, v->flags & DSU_PINNED ? (void *)&c->p[i] : c->p[i], dsu_kept(v));
		r += dsu_kept(v);
	}
}

#define SAVED      __attribute__((cleanup(save)))
#define TAKE(r, x) (memcpy(&(x), r, sizeof(x)), r += sizeof(x))

#endif
