/* rain.h - what the program that signals rain upon and the one that sends them share, in a file. */
#ifndef RAIN_H
#define RAIN_H

#include <signal.h>
#include <sys/types.h>

#define MOST_PROCESSES 8
#define MOST_THREADS   16

/*
 * What is sent, and to whom. A plain signal is numbered by the sender before it goes, and the handler
 * notes the number that it sees; of queued ones all are counted and added up.
 */
enum kind {
	PLAIN,             /* to the process, SA_RESTART */
	PLAIN_INTERRUPTS,  /* to the process; calls fail with EINTR */
	PLAIN_TO_THREAD,   /* SA_RESTART */
	QUEUED,            /* to the process, SA_RESTART */
	QUEUED_TO_THREAD,  /* calls fail with EINTR */
	KINDS
};
#define SIGNALS                                                                                  \
	{                                                                                        \
		SIGUSR1, SIGUSR2, SIGHUP, SIGRTMIN + 3, SIGRTMIN + 4                             \
	}

struct drops {
	long sent, seen;    /* plain: numbers; queued: how many */
	long sum_sent, sum; /* of queued ones' values */
};

struct victim {
	pid_t pid, tids[MOST_THREADS];
	struct drops to_process[KINDS], to_thread[MOST_THREADS][KINDS];
	long disordered; /* queued for one thread, and not in the order of sending */
	long spurious;   /* calls failed with EINTR, and no handler of that kind had run */
	long rounds;     /* of the token */
};

struct rain {
	int stop, nprocesses, nthreads;
	struct victim victims[MOST_PROCESSES];
};

#endif
