/* sysw_close.c - programs that close every descriptor they can count to leave ours open. */
#include <errno.h>
#include <unistd.h>

#include "family.h"

extern DSU_EXPORT __typeof__(close) dsu_sys_close;

int dsu_fd_low, dsu_fd_high = -1;

int dsu_sys_close(int fd)
{
	if (fd >= dsu_fd_low && fd <= dsu_fd_high) {
		errno = EBADF;
		return -1;
	}
	return close(fd);
}
