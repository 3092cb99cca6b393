/* sysw_point.c - a blocking call as an update point. */
#include "sysw.h"

void dsu_sys_point(struct dsu_thread *t)
{
	/*
	 * A call issued again after an update is the same dynamic point: a self-update at every
	 * point would otherwise never get past it.
	 */
	if (t->reissued) {
		t->reissued = 0;
		if (dsu_signal_interrupts(t)) {
			t->handled++;
			return;
		}
		if (!(dsu_request & DSU_ASKED))
			return;
	}
	t->in_call = 1;
	if (dsu_point() && !(dsu_mode & DSU_FLAG_CHECK))
		dsu_unwind();
	t->in_call = 0;
}
