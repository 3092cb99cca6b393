/*
 * urgent.c - while a program stands still, dsuctl does not wait for a processor.
 *
 * It has little to do, and all of the program waits for that. Whom it wakes does not take the processor
 * from it either: all are asked at once, and come together. Without the right to, nothing changes; and
 * the program's own processes stay as they are. In a container even root may be no real-time process,
 * but may be nice to itself.
 */
#include <sched.h>
#include <sys/resource.h>

#include "round.h"

enum { NOT_URGENT, BY_POLICY, BY_NICE };

static int normally(int policy)
{
	return policy == SCHED_OTHER || policy == SCHED_BATCH || policy == SCHED_IDLE;
}

/* It has no children meanwhile. */
void urgent_begin(struct round *r)
{
	struct sched_param least = {.sched_priority = sched_get_priority_min(SCHED_RR)};

	r->policy = sched_getscheduler(0);
	if (!normally(r->policy))
		return;
	r->nice = getpriority(PRIO_PROCESS, 0);
	if (!sched_setscheduler(0, SCHED_RR | SCHED_RESET_ON_FORK, &least))
		r->urgent = BY_POLICY;
	else if (!setpriority(PRIO_PROCESS, 0, -20))
		r->urgent = BY_NICE;
}

/* A policy has left the nice value as it was. */
void urgent_end(struct round *r)
{
	struct sched_param none = {.sched_priority = 0};

	if (r->urgent == BY_POLICY)
		sched_setscheduler(0, r->policy, &none);
	else if (r->urgent == BY_NICE)
		setpriority(PRIO_PROCESS, 0, r->nice);
	r->urgent = NOT_URGENT;
}
