/* epoll.h - epoll sets of the program, by descriptor; some may have been closed since. */
#ifndef DSU_EPOLL_H
#define DSU_EPOLL_H

#include "internal.h"

#define DSU_EPOLL_MOST 65536

extern DSU_HIDDEN uint64_t dsu_epoll_sets[DSU_EPOLL_MOST / 64];
extern DSU_HIDDEN int dsu_epoll_beyond; /* there was one with a larger number */

#endif
