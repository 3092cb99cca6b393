/* xform_names.c - what the name of a pointer's type says of where in an object it leads. */
#include <stdio.h>
#include <string.h>

#include "xform_in.h"

/* Pointers to bytes are used for anything. */
static int says_nothing(const char *of)
{
	static const char *const bytes[] = {"void", "char", "signed char", "unsigned char"};

	for (size_t i = 0; of && i < sizeof bytes / sizeof *bytes; i++)
		if (!strcmp(of, bytes[i]))
			return 1;
	return !of;
}

void dsu_name_variable(const struct dsu_variable *v, char *name, size_t size)
{
	const char *function = v->function ? v->function : "", *file = strrchr(function, '$');

	snprintf(name, size, "%s%s%s", file ? file + 1 : function, *function ? "." : "", v->name);
}

/* Is it the type itself, or an array of it, or the type an array of it? */
int dsu_means(const char *of, const struct dsu_type *type)
{
	size_t n = strcspn(type->name, "[");

	return of && strcspn(of, "[") == n && !strncmp(of, type->name, n);
}

/* Is a pointer to the start of an object one to its first member, by its type? */
int dsu_begins_with(const struct dsu_type *type, const char *of)
{
	if (!of || !type->nmoves || dsu_means(of, type))
		return 0; /* one without members is a number, known as its typedef */
	for (unsigned i = 0; i < type->nmoves; i++) {
		const struct dsu_move *m = &type->moves[i];

		if (m->from == 0 &&
			(dsu_same_name(m->of, of) || (m->type && dsu_begins_with(m->type, of))))
			return 1;
	}
	return !says_nothing(of);
}

/* Is what an object ends with of the pointer's type, and does that change itself? */
int dsu_ends_with_changed(const struct dsu_type *type, const char *of)
{
	for (unsigned i = 0; i < type->nmoves; i++) {
		const struct dsu_move *m = &type->moves[i];

		if (m->from + m->size == type->size && m->type)
			return dsu_same_name(m->of, of) || dsu_ends_with_changed(m->type, of);
	}
	return 0;
}

/* Does a pointer to the end of an object point to the end of its last member, by its type? */
int dsu_ends_with(const struct dsu_type *type, const char *of)
{
	for (unsigned i = 0; i < type->nmoves; i++) {
		const struct dsu_move *m = &type->moves[i];

		if (m->from + m->size == type->size && !dsu_same_name(type->name, of))
			return dsu_same_name(m->of, of) || (m->type && dsu_ends_with(m->type, of));
	}
	return 0;
}
