/* watch.h - looking after a program that has been updated on trial. */
#ifndef DSU_WATCH_H
#define DSU_WATCH_H

#include "ctl.h"

/* watch.c: one that crashes is told from one that ends */
struct watch;
struct watch *watch_begin(const struct family *f);
int watch_look(struct watch *w, int ms, struct reasons *why);
void watch_end(struct watch *w);

/* health.c: a command of the operator's that says whether the program is well */
struct health {
	const char *command; /* null: none */
	double timeout, next, until;
	pid_t runs; /* 0: it does not */
};
void health_step(struct health *h, pid_t program, struct reasons *why);
void health_stop(struct health *h);

#endif
