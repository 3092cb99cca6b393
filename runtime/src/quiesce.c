/* quiesce.c - a thread comes to an update point while something is asked of it. */
#define __DSUCC__ 1 /* declare what compiled programs call */
#include "dsu.h"
#include "internal.h"

DSU_EXPORT int dsu_request;

DSU_EXPORT void dsu_transaction_begin(void)
{
	dsu_thread.transactions++;
}

DSU_EXPORT void dsu_transaction_end(void)
{
	dsu_thread.transactions--;
}

/* For functions that the compiler left as they were. */
DSU_EXPORT void dsu_update_point(void)
{
}

void dsu_point(void)
{
	struct dsu_thread *t = &dsu_thread;

	if (dsu_off || t->unrolling || t->rebuilding)
		return;
	if (dsu_selftest && dsu_selftest_due()) {
		int can = dsu_walk(t);

		dsu_selftest_done(can);
		if (can)
			dsu_unroll(t);
	}
}
