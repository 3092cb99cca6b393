/*
 * module.c - linked into each shared object that dsucc makes: what the dry walk must know of it.
 *
 * The linker makes the bounds below for each object anew, so the program's runtime cannot see them.
 */
#include "module.h"

#define BOUND(name) extern DSU_HIDDEN dsu_address name[] __attribute__((weak))

BOUND(__start_dsu_opaque);
BOUND(__stop_dsu_opaque);
BOUND(__start_dsu_entries);
BOUND(__stop_dsu_entries);

#pragma weak dsu_module_add
#pragma weak dsu_module_remove

static struct dsu_module self;

__attribute__((constructor)) static void join(void)
{
	self.opaque = (struct dsu_span){__start_dsu_opaque, __stop_dsu_opaque};
	self.entries = (struct dsu_span){__start_dsu_entries, __stop_dsu_entries};
	if (dsu_module_add)
		dsu_module_add(&self);
}

__attribute__((destructor)) static void leave(void)
{
	if (dsu_module_remove)
		dsu_module_remove(&self);
}
