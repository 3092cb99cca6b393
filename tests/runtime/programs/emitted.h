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

#include "dsu_abi.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))
#define LIVE(...)                                                                 \
	{                                                                         \
		.kind = 0, .nlive = LEN(((const unsigned short[]){__VA_ARGS__})), \
		.live = (const unsigned short[])                                  \
		{                                                                 \
			__VA_ARGS__                                               \
		}                                                                 \
	}
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
	for (unsigned i = 0; i < c->d->cps[c->cp].nlive; i++) {
		unsigned v = c->d->cps[c->cp].live[i];

		if (c->d->vars[v].flags & DSU_PINNED) {
			memcpy(r, &c->p[v], 8);
			r += 8;
		} else {
			memcpy(r, c->p[v], c->d->vars[v].size);
			r += c->d->vars[v].size;
		}
	}
}

#define SAVED      __attribute__((cleanup(save)))
#define TAKE(r, x) (memcpy(&(x), r, sizeof(x)), r += sizeof(x))
#define FUNC(name, key_, dig, vars_, cps_) \
	{DSU_ABI, 0, LEN(cps_), LEN(vars_), key_, dig, vars_, cps_, (void (*)(void))name}

#endif
