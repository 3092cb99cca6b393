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

#define SERVE_TABLE(digest)                                                   \
	{TABLE(digest, 3, 2),                                                 \
		.vars = {VAR(0, 4, 0), VAR(1, 4, 0), VAR(2, 64, DSU_PINNED)}, \
		.cps = {{0}, LIVE(3)}, .names = {"serve", "fd", "count", "buf"}}

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
