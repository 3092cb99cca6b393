/*
 * fault.h - places at which tests make dsuctl or a process fail: DSU_FAULT=STEP:ACTION.
 *
 * Only a build with FAULTS=1 has them; in any other `dsu_fault` is the constant 0, and the
 * environment is not looked at. The table is the only list: `dsuctl faults` prints it.
 */
#ifndef DSU_FAULT_H
#define DSU_FAULT_H

/*
 * F(who, step, actions, command): what can be done at a step beside kill, stall and signal, and the
 * command of dsuctl that comes there. A process's steps are said with its role in front of them,
 * "leader.mapping", and happen once in a family; "@N" behind the action: not before round N.
 */
#define DSU_FAULT_POINTS(F)                                                                    \
	F(dsuctl, locked, "error nomem", "apply")     /* the family is ours alone */           \
	F(dsuctl, read, "nomem", "apply")             /* the patch's bytes are coming */       \
	F(dsuctl, placing, "error nodisk", "apply")   /* it will be put into the arena */      \
	F(dsuctl, asking, "", "apply")                /* STOP is said, to nobody yet */        \
	F(dsuctl, stop, "error", "apply")             /* all have stopped */                   \
	F(dsuctl, unrolling, "", "check")             /* UNROLL is said, to nobody yet */      \
	F(dsuctl, unroll, "error", "apply")           /* all have been taken apart */          \
	F(dsuctl, commit, "", "apply")                /* COMMIT is going to be said */         \
	F(dsuctl, committed, "", "apply")             /* it has been, and no more */           \
	F(dsuctl, redirect, "", "apply")              /* one entry is redirected */            \
	F(dsuctl, redirected, "", "apply")            /* all are */                            \
	F(dsuctl, settled, "", "apply")               /* the block is in order */              \
	F(dsuctl, resuming, "", "apply")              /* RESUME is said, to nobody yet */      \
	F(dsuctl, resumed, "", "apply")               /* all have resumed */                   \
	F(dsuctl, undoing, "", "check")               /* UNDO is said, to nobody yet */        \
	F(dsuctl, backing, "", "probe")               /* BACK is said, to nobody yet */        \
	F(process, asked, "", "apply")                /* at an update point */                 \
	F(process, walked, "error nomem", "apply")    /* its stack can be taken apart */       \
	F(process, stopped, "", "apply")              /* STOPPED is going to be said */        \
	F(process, waiting, "", "check")              /* it has been */                        \
	F(process, leaving, "", "apply")              /* it takes itself apart */              \
	F(process, landed, "", "apply")               /* its stack is records */               \
	F(process, mapping, "error nomem", "apply")   /* they are going to be mapped */        \
	F(process, converted, "error nomem", "apply") /* so are objects, nothing is written */ \
	F(process, unrolled, "", "apply")             /* UNROLLED is going to be said */       \
	F(process, reported, "", "apply")             /* it has been */                        \
	F(process, decided, "", "apply")              /* it has seen RESUME */                 \
	F(process, rebuilt, "", "apply")              /* its stack is there again */           \
	F(process, resuming, "", "apply")             /* RESUMED has been said */              \
	F(process, finishing, "", "orphaned")         /* dsuctl died in COMMIT */              \
	F(process, undone, "", "check")               /* it has seen UNDO */                   \
	F(process, back, "", "probe")                 /* it has seen BACK */

#define DSU_FAULT_NAME(who, step, actions, command) DSU_AT_##who##_##step,
enum dsu_fault_point { DSU_FAULT_POINTS(DSU_FAULT_NAME) DSU_NFAULTS };

enum dsu_fault_action {
	DSU_FAULT_NONE,
	DSU_FAULT_KILL,   /* SIGKILL */
	DSU_FAULT_STALL,  /* dsuctl: for ever; a process: STALL_MS */
	DSU_FAULT_SIGNAL, /* dsuctl: SIGTERM; a process: SIGUSR1, which the program handles */
	DSU_FAULT_ERROR,  /* the last three are for the caller to fail by */
	DSU_FAULT_NOMEM,
	DSU_FAULT_NODISK,
};

/* A fault as it was asked for. */
struct dsu_fault {
	enum dsu_fault_point point; /* DSU_NFAULTS: none */
	enum dsu_fault_action action;
	unsigned round;
	int follower;
	char text[64];
};

#ifdef DSU_FAULTS
# pragma GCC visibility push(hidden)
int dsu_fault_at(enum dsu_fault_point point);
void dsu_fault_init(void);
# pragma GCC visibility pop
# define dsu_fault(who, step) dsu_fault_at(DSU_AT_##who##_##step)
#else
static inline int dsu_no_fault(void)
{
	return DSU_FAULT_NONE;
}
# define dsu_fault(who, step) dsu_no_fault()
# define dsu_fault_init()     ((void)0)
#endif

#endif
