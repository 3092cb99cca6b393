/*
 * urgent.c - while a program stands still, dsuctl does not wait for a processor.
 *
 * It has little to do, and all of the program waits for that. Whom it wakes does not take the processor
 * from it either: all are asked at once, and come together. Without the right to, nothing changes; and
 * the program's own processes stay as they are.
 */
#include <sched.h>
#include <sys/resource.h>
#include <sys/time.h>

#include "round.h"

static int normally(int policy)
{
	return policy == SCHED_OTHER || policy == SCHED_BATCH || policy == SCHED_IDLE;
}

/* Its children begin as it was started. */
void urgent_begin(struct round *r)
{
	struct sched_param least = {.sched_priority = sched_get_priority_min(SCHED_RR)};

	r->policy = sched_getscheduler(0);
	r->urgent = normally(r->policy) &&
		    !sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &least);
}

/* Its nice value has been kept. */
void urgent_end(struct round *r)
{
	struct sched_param none = {.sched_priority = 0};

	if (r->urgent)
		sched_setscheduler(0, r->policy, &none);
	r->urgent = 0;
}
