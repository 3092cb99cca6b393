/*
 * xform_specific.c - libc keeps for each thread what the program has given it under a key, often the
 * address of an object, without a type. Only the thread itself can change it (sysw_specific.c).
 */
#include "family.h"
#include "specific.h"
#include "xform_in.h"

int dsu_specifics_redirect(void)
{
	static const struct dsu_part value = {
		.kind = DSU_POINTER, .name = "pthread_setspecific()", .of = "void"};

	for (const struct dsu_thread *t = dsu_threads; t; t = t->next)
		for (unsigned i = 0; i < t->nspecifics; i++)
			if (!dsu_new_address(&value, t->specifics[i].value, &t->specifics[i].to))
				return 0;
	return 1;
}
