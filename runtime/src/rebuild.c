/* rebuild.c - from records to what the base function puts on the stack. */
#include <errno.h>
#include <string.h>

#include "carry.h"
#include "family.h"

/* Where the bytes at `addr` of the old stack are kept; `addr` itself if they never moved. */
const char *dsu_home_bytes(const struct dsu_thread *t, const char *addr)
{
	if (addr < t->region || addr >= dsu_base_sp(t))
		return addr;
	return t->region_copy + (addr - t->region);
}

/* A frame with alloca blocks, compound literals or a va_list is kept whole: nobody lists those. */
static char *lowest_pin(const struct dsu_thread *t, const struct dsu_record *r, char *low)
{
	const struct dsu_cp *at = dsu_cp_of(r->func, r->cp);
	const char *p = r->bytes;

	if (r->func->flags & DSU_KEEPS_FRAME && r->floor < low)
		low = r->floor;

	for (unsigned i = 0; i < at->nlive; i++) {
		const struct dsu_var *v = dsu_var_of(r->func, dsu_live_at(r->func, at, i));
		char *addr;

		if (!(v->flags & DSU_PINNED)) {
			p += v->size;
			continue;
		}
		memcpy(&addr, p, sizeof addr);
		p += sizeof addr;
		if (addr >= t->region && addr < low)
			low = addr;
	}
	return low;
}

/* Only the pins of active frames decide what is kept, so updates do not pile up on the stack. */
static void keep_homes(struct dsu_thread *t)
{
	char *high = dsu_base_sp(t), *low = high, *floor = dsu_carry_floor(t);
	struct dsu_home *h;

	for (const struct dsu_record *r = t->records; r; r = r->inner)
		low = lowest_pin(t, r, low);
	if (low == high)
		return;
	low = (char *)((uintptr_t)low & ~(uintptr_t)(DSU_STACK_ALIGN - 1));
	if (low < t->region)
		low = t->region;
	h = dsu_scratch(t, sizeof *h);
	h->next = NULL;
	h->addr = low;
	h->bytes = dsu_home_bytes(t, low);
	h->size = (size_t)(high - low);
	t->homes = h;
	t->low = floor && floor < low ? floor : low;
}

/* In the base frame: the stack is gone, and the records say how it is to be. */
void dsu_rebuild(struct dsu_thread *t)
{
	if (!t->records)
		dsu_die("the stack came apart without a record");
	t->unrolling = 0;
	dsu_unrolling = 0;
	t->unroll_ticks = dsu_ticks() - t->unroll_ticks;
	keep_homes(t);
	if (t->asked)
		dsu_decide(t);
	t->rebuild_ticks = dsu_ticks();
}

/*
 * The innermost record has been popped. The bytes of that record are still in use: handlers that
 * run now may not update, and none of the program's code above them has run yet.
 */
void dsu_rebuilt(struct dsu_thread *t)
{
	t->rebuild_ticks = dsu_ticks() - t->rebuild_ticks;
	t->at_point = 1;
	if (t->asked)
		dsu_resumed(t);
	dsu_signals_release(t);
	errno = t->kept_errno;
	t->at_point = 0;
}
