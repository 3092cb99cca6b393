/*
 * module.c - which functions are opaque and which are instrumented, of the program and its libraries.
 *
 * Of the program's own and of patches also which never return, and which call setjmp().
 */
#include <stdlib.h>

#include "module.h"
#include "family.h"

extern DSU_HIDDEN dsu_address __start_dsu_opaque[] __attribute__((weak));
extern DSU_HIDDEN dsu_address __stop_dsu_opaque[] __attribute__((weak));
extern DSU_HIDDEN dsu_address __start_dsu_entries[] __attribute__((weak));
extern DSU_HIDDEN dsu_address __stop_dsu_entries[] __attribute__((weak));

extern DSU_HIDDEN dsu_address __start_dsu_final[] __attribute__((weak));
extern DSU_HIDDEN dsu_address __stop_dsu_final[] __attribute__((weak));
extern DSU_HIDDEN dsu_address __start_dsu_armed[] __attribute__((weak));
extern DSU_HIDDEN dsu_address __stop_dsu_armed[] __attribute__((weak));

/* Of a patch: the lists behind one another, a null between two. */
enum { OPAQUE, FINAL, ARMED, ENTRIES };

static struct dsu_module program, *modules;
static struct dsu_list sorted_final, sorted_armed;

static int compare(const void *a, const void *b)
{
	uintptr_t x = (uintptr_t)*(const void *const *)a, y = (uintptr_t)*(const void *const *)b;

	return x < y ? -1 : x > y;
}

/* Sorted when it appears: the walk itself may not allocate. */
static void take(struct dsu_list *l, const struct dsu_span *s)
{
	if (!s->from || s->from >= s->to)
		return;
	l->n = (size_t)(s->to - s->from);
	l->at = malloc(l->n * sizeof *l->at);
	if (!l->at)
		dsu_die("no memory for the list of functions");
	for (size_t i = 0; i < l->n; i++)
		l->at[i] = s->from[i];
	qsort(l->at, l->n, sizeof *l->at, compare);
}

static int has(const struct dsu_list *l, const void *p)
{
	return l->n && bsearch(&p, l->at, l->n, sizeof *l->at, compare);
}

DSU_EXPORT void dsu_module_add(struct dsu_module *m)
{
	take(&m->sorted_opaque, &m->opaque);
	take(&m->sorted_entries, &m->entries);
	m->next = modules;
	modules = m;
}

DSU_EXPORT void dsu_module_remove(struct dsu_module *m)
{
	for (struct dsu_module **at = &modules; *at; at = &(*at)->next)
		if (*at == m) {
			*at = m->next;
			break;
		}
	free(m->sorted_opaque.at);
	free(m->sorted_entries.at);
}

/* Libraries that the program is linked with have added themselves before. */
void dsu_modules_init(void)
{
	program.opaque = (struct dsu_span){__start_dsu_opaque, __stop_dsu_opaque};
	program.entries = (struct dsu_span){__start_dsu_entries, __stop_dsu_entries};
	dsu_module_add(&program);
	take(&sorted_final, &(struct dsu_span){__start_dsu_final, __stop_dsu_final});
	take(&sorted_armed, &(struct dsu_span){__start_dsu_armed, __stop_dsu_armed});
}

/* Is it in one of the lists that patches in force carry? They are short. */
static int patch_has(const void *p, int wanted)
{
	const struct dsu_ledger *b = dsu_ledger;

	if (!b || (uint64_t)p - b->arena >= b->arena_size)
		return 0;
	for (unsigned i = 0; i < b->npatches; i++) {
		const struct dsu_applied *a = &b->patches[i];
		int list = wanted == ENTRIES ? ENTRIES : OPAQUE;
		dsu_address *at = (dsu_address *)(list == ENTRIES ? a->entries : a->opaque);

		for (uint64_t k = list == ENTRIES ? a->nentries : a->nopaque; k-- > 0; at++)
			if (!*at)
				list++;
			else if (*at == p && list == wanted)
				return 1;
	}
	return 0;
}

int dsu_is_opaque(const void *p)
{
	for (const struct dsu_module *m = modules; m; m = m->next)
		if (has(&m->sorted_opaque, p))
			return 1;
	return patch_has(p, OPAQUE);
}

int dsu_is_final(const void *p)
{
	return has(&sorted_final, p) || patch_has(p, FINAL);
}

int dsu_is_armed(const void *p)
{
	return has(&sorted_armed, p) || patch_has(p, ARMED);
}

/* Has dsucc made the object that is mapped there? */
int dsu_has_module(const void *from, const void *to)
{
	for (const struct dsu_module *m = modules; m; m = m->next)
		if ((const void *)m >= from && (const void *)m < to)
			return 1;
	return 0;
}

/* Flag-check mode. */
int dsu_is_entry(const void *p)
{
	for (const struct dsu_module *m = modules; m; m = m->next)
		if (has(&m->sorted_entries, p))
			return 1;
	return patch_has(p, ENTRIES);
}
