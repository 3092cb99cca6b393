/*
 * vanished.c - has a function that was called left the stack before what it has called?
 *
 * A library's function may end with a jump to the callback that it was given. The callback's frame
 * then lies right beneath that of the library's caller, who seems to stand at a continuation point:
 * the landing pads of its neighbours may cover the call. Taken apart, it would be put together
 * again at a point at which it does not stand. Functions of ours never end so where they may have
 * been called back, and a call through a pointer is a continuation point itself, for
 * which the callback's result is the library function's.
 */
#include <string.h>

#include "module.h"
#include "family.h"

extern const char __executable_start[], etext[];

/* libgcc's own; the unwinder asks the same. */
struct bases {
	void *text, *data, *function;
};
extern const void *_Unwind_Find_FDE(void *pc, struct bases *bases);

/* In what may be updated: the program, or a patch. */
static int is_ours(uintptr_t pc)
{
	const struct dsu_ledger *l = dsu_ledger;

	return (pc >= (uintptr_t)__executable_start && pc < (uintptr_t)etext) ||
	       (l && pc - l->arena < l->arena_size);
}

/* The letters of a function's unwind table; null: none begins here. */
static const char *letters(uintptr_t function)
{
	struct bases b;
	const char *fde = _Unwind_Find_FDE((void *)(function + 1), &b);
	uint32_t back;

	if (!fde || (uintptr_t)b.function != function)
		return NULL;
	memcpy(&back, fde + 4, sizeof back);
	return fde + 4 - back + 9; /* behind length, id and version of what it shares with others */
}

/*
 * A call of a function of ours may lead to its new body, or into its cold part, which may have all of
 * its landing pads: what dsucc has compiled has room in front of its entry, too.
 */
static int is_instrumented(uintptr_t function, const char *letters)
{
	if (dsu_mode & DSU_FLAG_CHECK)
		return dsu_is_entry((const void *)function);
	return strchr(letters, 'P') != NULL ||
	       dsu_entry_has_room((const unsigned char *)function - DSU_ENTRY_ROOM);
}

int dsu_vanished(uintptr_t after, uintptr_t inner)
{
	uintptr_t called = dsu_call_target(after), linked;
	const char *known;

	if (!called || called == inner)
		return 0;
	linked = is_ours(called) ? dsu_linkage_target(called) : 0;
	if (linked)
		called = linked;
	if (called == inner || !(known = letters(called)))
		return 0;
	return is_ours(called) ? !is_instrumented(called, known) : is_ours(inner);
}
