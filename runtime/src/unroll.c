/* unroll.c - take the stack apart into records, and hand the records out again. */
#include <string.h>
#include <unwind.h>

#include "internal.h"

/* One an unwinding; a thread has at most one at a time. */
static DSU_TLS struct _Unwind_Exception exception;

DSU_EXPORT DSU_TLS int dsu_unrolling;

static _Unwind_Reason_Code stop(int version, _Unwind_Action action, _Unwind_Exception_Class class,
	struct _Unwind_Exception *e, struct _Unwind_Context *c, void *arg)
{
	(void)version, (void)class, (void)e;
	if (_Unwind_GetRegionStart(c) == (uintptr_t)dsu_base)
		dsu_land(arg);
	if (action & _UA_END_OF_STACK)
		dsu_die("unrolling ran past the base frame");
	return _URC_NO_REASON;
}

/*
 * From here on frames save themselves. The stack is copied aside first: what the landing pads run
 * overwrites the homes of pinned variables, and only the records tell later how much of it matters.
 */
void dsu_unroll(struct dsu_thread *t)
{
	char *high = dsu_base_sp(t);

	if (!t->reserved)
		dsu_scratch_reset(t);
	t->reserved = 0;
	t->records = NULL;
	t->homes = NULL;
	t->low = NULL;
	t->region = dsu_stack_pointer();
	t->region_copy = dsu_scratch(t, (size_t)(high - t->region));
	memcpy(t->region_copy, t->region, (size_t)(high - t->region));
	t->reissued = t->unfinished.suspended = t->in_call;
	t->in_call = 0;
	t->unroll_ticks = dsu_ticks();
	t->unrolling = 1;
	dsu_unrolling = !!(dsu_mode & DSU_FLAG_CHECK);
}

/* Runs the landing pads of all frames above, up to the base. */
void dsu_unwind(void)
{
	memset(&exception, 0, sizeof exception);
	_Unwind_ForcedUnwind(&exception, stop, &dsu_thread);
	dsu_die("unrolling failed at once");
}

/* Save code of pthread_exit()'s unwinding comes here too, and goes away with null. */
char *dsu_push(const struct dsu_func *f, int cp)
{
	struct dsu_thread *t = &dsu_thread;
	struct dsu_record *r;
	size_t size;

	if (!t->unrolling)
		return NULL;
	if (f->abi != DSU_ABI || cp <= 0 || (unsigned)cp >= f->ncp)
		dsu_die("%s: save code for continuation point %d of %u", dsu_key(f), cp, f->ncp);
	size = dsu_record_bytes(f, cp);
	r = dsu_scratch(t, sizeof *r + size);
	r->func = f;
	r->cp = cp;
	r->floor = __builtin_frame_address(0);
	r->bytes = (char *)(r + 1);
	r->inner = t->records;
	t->records = r;
	return r->bytes;
}

const char *dsu_pop(const struct dsu_func *f, int *cp)
{
	struct dsu_thread *t = &dsu_thread;
	struct dsu_record *r = t->records;

	if (!r)
		dsu_die("%s: resumed without a record", dsu_key(f));
	if (r->func != f)
		dsu_die("%s: resumed with the record of %s", dsu_key(f), dsu_key(r->func));
	t->records = r->inner;
	*cp = r->cp;
	if (!t->records)
		dsu_rebuilt(t);
	return r->bytes;
}

void (*dsu_next(void))(void *const *)
{
	if (!dsu_thread.records)
		dsu_die("resumed beneath the innermost frame");
	return dsu_resume_of(dsu_thread.records->func);
}
