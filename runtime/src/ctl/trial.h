/* trial.h - an update on trial. */
#ifndef DSU_TRIAL_H
#define DSU_TRIAL_H

#include "ctl.h"

struct trial {
	double seconds;     /* 0: none */
	const char *health; /* a command for the shell, or null */
	struct watch *watch;
	double watched;
	int reverted;
	struct reasons why, stuck; /* it is taken back, it cannot be */
};

int trial_begin(struct trial *t, const struct family *f, struct reasons *why);
int trial_run(struct trial *t, const struct family *f, double timeout);
void trial_end(struct trial *t);

#endif
