/* serve.h - what family.c and its patch share: a server's loop, in the shape the compiler emits. */
#ifndef SERVE_H
#define SERVE_H

#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#include "emitted.h"

extern ssize_t dsu_sys_read(int fd, void *buf, size_t n);

extern void reply(int fd, int count, const char *asked);
extern int total; /* of the program: keeps its value over updates */

static const struct dsu_var serve_vars[] = {{"fd", 4, 0}, {"count", 4, 0}, {"buf", 64, DSU_PINNED}};
static const struct dsu_cp serve_cps[] = {{0}, LIVE(0, 1, 2)};

/* The body from its head on; `start` jumps into it. */
#define SERVE_BODY(label)                      \
	for (;;) {                             \
		c.cp = 1;                      \
	label:                                 \
		n = dsu_sys_read(fd, buf, 63); \
		if (n <= 0)                    \
			break;                 \
		buf[n] = 0;                    \
		count++;                       \
		total++;                       \
		reply(fd, count, buf);         \
	}                                      \
	c.done = 1;                            \
	return count;

#endif
