/*
 * base.c - the frame above which a thread's stack can be taken apart.
 *
 * Unrolling ends here, and rebuilding begins here. The function below must itself put the homes
 * of pinned variables back: a callee's frame would lie inside the region that is written.
 */
#include "internal.h"

/* The walk and the unwinder know it by its address: it exists once. clang makes no clones. */
#if __has_attribute(noclone)
# define DSU_ONCE __attribute__((noinline, noclone))
#else
# define DSU_ONCE __attribute__((noinline))
#endif

/* Not in dsu_base(): a function may not jump to a label of its own this way. */
__attribute__((noinline)) void dsu_land(struct dsu_thread *t)
{
	__builtin_longjmp(t->bases[t->base].landing, 1);
}

/*
 * A result of main() is one of these, too, whose upper half says nothing. A handler of a signal has a base
 * of its own: what it has interrupted stays where it is.
 */
DSU_ONCE void *dsu_base(struct dsu_thread *t, const struct dsu_handler *handler)
{
	const struct dsu_home *h;
	char *volatile below;
	void *r;

	t->bases[t->base].frame = __builtin_frame_address(0);
	if (!__builtin_setjmp(t->bases[t->base].landing)) {
		t->based = 1;
		r = NULL;
		if (handler)
			dsu_handle(handler);
		else
			r = t->start ? t->start(t->arg)
				     : (void *)(intptr_t)t->entry(t->argc, t->argv, t->envp);
		if (!t->unrolling)
			return r;
	}

	/* The stack pointer is as at the first call: nothing that earlier updates took is kept. */
	t = &dsu_thread;
	dsu_rebuild(t);
	if (t->low) {
		below = __builtin_alloca((size_t)(dsu_base_sp(t) - t->low) + DSU_RED_ZONE);
		below[0] = 0;
		for (h = t->homes; h; h = h->next)
			dsu_copy_inline(h->addr, h->bytes, h->size);
	}
	r = ((void *(*)(void *const *))(void *)dsu_next())(NULL);
	if (t->unrolling)
		dsu_land(t);
	return r;
}
