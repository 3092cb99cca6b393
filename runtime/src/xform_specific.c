/*
 * xform_specific.c - libc keeps for each thread what the program has given it under a key, often the
 * address of an object, without a type. Only the thread itself can change it (sysw_specific.c).
 */
#include <stdio.h>

#include "family.h"
#include "specific.h"
#include "xform_in.h"

/* Always 0: says what the user has to write, if a value's type is what is not known. */
static int refuse(char *value)
{
	const struct dsu_type *may_be;
	struct dsu_heap_block b;

	if (!dsu_find_object(value, &b) && b.at && (may_be = dsu_suspected(&b)))
		snprintf(dsu_xform_where, sizeof dsu_xform_where,
			"pthread_setspecific(); perhaps keys: {VARIABLE: %s} in a mapping file",
			may_be->name);
	return 0;
}

int dsu_specifics_redirect(void)
{
	static const struct dsu_part value = {
		.kind = DSU_POINTER, .name = "pthread_setspecific()", .of = "void"};

	for (const struct dsu_thread *t = dsu_threads; t; t = t->next)
		for (unsigned i = 0; i < t->nspecifics; i++)
			if (!dsu_new_address(&value, t->specifics[i].value, &t->specifics[i].to))
				return refuse(t->specifics[i].value);
	return 1;
}
