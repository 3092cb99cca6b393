/*
 * carry.c - a thread that waits in a library: not carried over an update on this processor.
 *
 * It is as without carrying: the update waits until the thread has left the library.
 */
#include "carry.h"

void dsu_carry_interrupted(ucontext_t *uc)
{
	(void)uc;
}

int dsu_carry_is(uintptr_t func)
{
	(void)func;
	return 0;
}

char *dsu_carry_above(const struct dsu_thread *t)
{
	(void)t;
	return NULL;
}

size_t dsu_carry_room(const struct dsu_thread *t)
{
	(void)t;
	return 0;
}

char *dsu_carry_floor(const struct dsu_thread *t)
{
	(void)t;
	return NULL;
}

size_t dsu_carry_words(const struct dsu_thread *t, char *const **words)
{
	(void)t;
	*words = NULL;
	return 0;
}
