/* init.c - the runtime's start, in front of the program's main(). */
#include <stdlib.h>
#include <string.h>

#include "family.h"
#include "heap.h"

DSU_TLS struct dsu_thread dsu_thread;
unsigned dsu_mode;
int dsu_off;

void dsu_init(unsigned flags)
{
	const char *off = secure_getenv("DSU_OFF");
	struct dsu_thread *t = &dsu_thread;

	dsu_mode = flags;
	dsu_off = off && !strcmp(off, "1");
	if (dsu_off)
		return;
	t->slot = -1;
	t->scratch = dsu_chunk_get(DSU_SCRATCH_MAIN);
	if (!t->scratch)
		dsu_die("no memory for the runtime's %lu MiB of scratch space",
			DSU_SCRATCH_MAIN >> 20);
	dsu_signals_init(t);
	dsu_walk_init();
	dsu_conds_init();
	dsu_heap_init();
	dsu_family_init();
	dsu_selftest_init();
}

/*
 * What the start has left on the stack would be what main()'s variables hold before they are set:
 * addresses of which xform_dead.c could not tell all that they lead to nothing of the program's.
 */
static __attribute__((noinline)) void clean_stack(void)
{
	char left[16384];

	memset(left, 0, sizeof left);
	__asm__ volatile("" : : "r"(left) : "memory");
}

int dsu_run_main(
	int (*entry)(int, char **, char **), int argc, char **argv, char **envp, unsigned flags)
{
	struct dsu_thread *t = &dsu_thread;

	dsu_init(flags);
	if (dsu_off)
		return entry(argc, argv, envp);
	t->entry = entry;
	t->argc = argc;
	t->argv = argv;
	t->envp = envp;
	clean_stack();
	return (int)(intptr_t)dsu_base(t, NULL);
}
