/*
 * sysw_epoll.c - epoll sets as compiled programs make them.
 *
 * The kernel keeps what the program gives it with each descriptor, often the address of an object:
 * an update that moves the object has to tell the kernel (xform_epoll.c), and must know the sets.
 */
#include <sys/epoll.h>

#include "epoll.h"

extern DSU_EXPORT __typeof__(epoll_create) dsu_sys_epoll_create;
extern DSU_EXPORT __typeof__(epoll_create1) dsu_sys_epoll_create1;

uint64_t dsu_epoll_sets[DSU_EPOLL_MOST / 64];
int dsu_epoll_beyond;

static int noted(int fd)
{
	if (fd >= DSU_EPOLL_MOST)
		dsu_epoll_beyond = 1;
	else if (fd >= 0)
		__atomic_or_fetch(&dsu_epoll_sets[fd / 64], 1UL << fd % 64, __ATOMIC_RELAXED);
	return fd;
}

int dsu_sys_epoll_create(int size)
{
	return noted(epoll_create(size));
}

int dsu_sys_epoll_create1(int flags)
{
	return noted(epoll_create1(flags));
}
