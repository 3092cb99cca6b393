/* fault.c - faults in dsuctl, for tests. Nothing of it is in a build without FAULTS=1. */
#ifdef DSU_FAULTS

# include <signal.h>
# include <unistd.h>

# include "ctl.h"
# include "fault_parse.h"

static struct dsu_fault wanted = {.point = DSU_NFAULTS};

void dsu_fault_init(void)
{
	dsu_fault_parse(&wanted, "dsuctl");
}

int dsu_fault_at(enum dsu_fault_point point)
{
	if (wanted.point != point)
		return DSU_FAULT_NONE;
	fprintf(stderr, "dsu: fault %s\n", wanted.text);
	switch (wanted.action) {
	case DSU_FAULT_KILL:
		raise(SIGKILL);
		break;
	case DSU_FAULT_STALL:
		for (;;)
			pause();
	case DSU_FAULT_SIGNAL:
		raise(SIGTERM);
		break;
	default:
		return wanted.action;
	}
	return DSU_FAULT_NONE;
}

/* The table, a point a line. */
int cmd_faults(void)
{
	for (int i = 0; i < DSU_NFAULTS; i++)
		printf("%s %s %s kill stall signal %s\n", dsu_fault_points[i].who,
			dsu_fault_points[i].step, dsu_fault_points[i].command,
			dsu_fault_points[i].actions);
	return EXIT_DONE;
}

#endif
