/* fault.c - faults in the program, for tests. Nothing of it is in a build without FAULTS=1. */
#ifdef DSU_FAULTS

# include <signal.h>
# include <time.h>

# include "family.h"
# include "fault_parse.h"

# define STALL_MS 700

static struct dsu_fault wanted = {.point = DSU_NFAULTS};

/* At the start: programs overwrite their environment. */
void dsu_fault_init(void)
{
	dsu_fault_parse(&wanted, "process");
}

/* Without a system call. */
static void stall(void)
{
	struct timespec from, now;

	clock_gettime(CLOCK_MONOTONIC, &from);
	do
		clock_gettime(CLOCK_MONOTONIC, &now);
	while ((now.tv_sec - from.tv_sec) * 1000 + (now.tv_nsec - from.tv_nsec) / 1000000 <
		STALL_MS);
}

int dsu_fault_at(enum dsu_fault_point point)
{
	struct dsu_block *b = dsu_block;

	if (wanted.point != point || wanted.follower == ((int)b->leader == dsu_slot) ||
		DSU_ROUND(DSU_LOAD(&b->phase)) < wanted.round ||
		__atomic_exchange_n(&b->faulted, 1, __ATOMIC_SEQ_CST))
		return DSU_FAULT_NONE;
	dsu_say("fault %s", wanted.text);
	switch (wanted.action) {
	case DSU_FAULT_KILL:
		raise(SIGKILL);
		break;
	case DSU_FAULT_STALL:
		stall();
		break;
	case DSU_FAULT_SIGNAL:
		raise(SIGUSR1);
		break;
	default:
		return wanted.action;
	}
	return DSU_FAULT_NONE;
}

#endif
