/* fault.h - DSU_FAULT=step:action, for tests. Shared with dsuctl. */
#ifndef DSU_FAULT_H
#define DSU_FAULT_H

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Steps: stopped, unrolled (in the program); stop, unroll, commit, redirect (in dsuctl).
 * Actions: kill, stall. The environment is read once, since programs overwrite it.
 */
static inline void dsu_fault_init(char *copy, size_t n)
{
	const char *e = getenv("DSU_FAULT");

	copy[0] = 0;
	if (e && strlen(e) < n)
		strcpy(copy, e);
}

static inline void dsu_fault_at(const char *copy, const char *step)
{
	size_t n = strlen(step);

	if (!copy[0] || strncmp(copy, step, n) || copy[n] != ':')
		return;
	if (!strcmp(copy + n + 1, "kill"))
		raise(SIGKILL);
	if (!strcmp(copy + n + 1, "stall"))
		for (;;)
			pause();
}

#ifndef DSU_CTL
extern __attribute__((visibility("hidden"))) char dsu_fault_copy[64];
static inline void dsu_fault(const char *step)
{
	if (__builtin_expect(dsu_fault_copy[0], 0))
		dsu_fault_at(dsu_fault_copy, step);
}
#endif

#endif
