/*
 * sysno.h - system calls that only older processors have.
 *
 * Where there is none, nobody can make it: the number is one that the kernel never gives.
 */
#ifndef DSU_SYSNO_H
#define DSU_SYSNO_H

#include <sys/syscall.h>

#ifndef SYS_fork
# define SYS_fork  (-1001)
# define SYS_vfork (-1002)
#endif
#ifndef SYS_poll
# define DSU_NO_POLL 1
# define SYS_poll    (-1003)
# define SYS_select  (-1004)
#endif
#ifndef SYS_epoll_wait
# define DSU_NO_EPOLL_WAIT 1
# define SYS_epoll_wait    (-1005)
#endif
#ifndef SYS_pause
# define DSU_NO_PAUSE 1
#endif

#endif
