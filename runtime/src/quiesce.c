/* quiesce.c - a thread comes to an update point while something is asked of it. */
#include <errno.h>

#define __DSUCC__ 1 /* declare what compiled programs call */
#include "dsu.h"
#include "family.h"

DSU_EXPORT DSU_TOUCHED int dsu_request;

DSU_EXPORT void dsu_transaction_begin(void)
{
	if (!dsu_thread.transactions++)
		dsu_thread.transaction_at = (uintptr_t)__builtin_return_address(0) - 1;
}

/* An update may have brought the frame into the middle of a region that the old version had not. */
DSU_EXPORT void dsu_transaction_end(void)
{
	if (dsu_thread.transactions)
		dsu_thread.transactions--;
}

/* For functions that the compiler left as they were. */
DSU_EXPORT void dsu_update_point(void)
{
}

/* Other threads may be using what lies on this one's stack, and nobody stops them. */
static void selftest_point(struct dsu_thread *t)
{
	int can = dsu_living <= 1 && dsu_walk(t);

	dsu_selftest_done(can);
	if (!can)
		return;
	dsu_signals_hold(t);
	dsu_unroll(t);
}

DSU_EXPORT int dsu_point(void)
{
	struct dsu_thread *t = &dsu_thread;

	if (dsu_off || t->held)
		return 0;
	t->kept_errno = errno;
	t->at_point = 1;
	dsu_signal_interrupts(t);
	if (dsu_request & DSU_ASKED)
		dsu_stop(t);
	else if (dsu_selftest && dsu_selftest_due())
		selftest_point(t);
	t->at_point = 0;
	errno = t->kept_errno;
	return t->unrolling;
}
