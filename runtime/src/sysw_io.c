/* sysw_io.c - blocking calls on descriptors. */
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <sys/file.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "sysw.h"

extern DSU_EXPORT __typeof__(read) dsu_sys_read;
extern DSU_EXPORT __typeof__(pread) dsu_sys_pread;
extern DSU_EXPORT __typeof__(pread64) dsu_sys_pread64;
extern DSU_EXPORT __typeof__(readv) dsu_sys_readv;
extern DSU_EXPORT __typeof__(recv) dsu_sys_recv;
extern DSU_EXPORT __typeof__(recvfrom) dsu_sys_recvfrom;
extern DSU_EXPORT __typeof__(recvmsg) dsu_sys_recvmsg;
extern DSU_EXPORT __typeof__(accept) dsu_sys_accept;
extern DSU_EXPORT __typeof__(accept4) dsu_sys_accept4;
extern DSU_EXPORT __typeof__(connect) dsu_sys_connect;
extern DSU_EXPORT __typeof__(write) dsu_sys_write;
extern DSU_EXPORT __typeof__(pwrite) dsu_sys_pwrite;
extern DSU_EXPORT __typeof__(pwrite64) dsu_sys_pwrite64;
extern DSU_EXPORT __typeof__(writev) dsu_sys_writev;
extern DSU_EXPORT __typeof__(send) dsu_sys_send;
extern DSU_EXPORT __typeof__(sendto) dsu_sys_sendto;
extern DSU_EXPORT __typeof__(sendmsg) dsu_sys_sendmsg;
extern DSU_EXPORT __typeof__(sendfile) dsu_sys_sendfile;
extern DSU_EXPORT __typeof__(sendfile64) dsu_sys_sendfile64;
extern DSU_EXPORT __typeof__(flock) dsu_sys_flock;
extern DSU_EXPORT __typeof__(fcntl) dsu_sys_fcntl;
extern DSU_EXPORT __typeof__(fcntl64) dsu_sys_fcntl64;
extern DSU_EXPORT __typeof__(lockf) dsu_sys_lockf;
extern DSU_EXPORT __typeof__(lockf64) dsu_sys_lockf64;

ssize_t dsu_sys_read(int fd, void *buf, size_t n)
{
	return dsu_call(SYS_read, fd, (long)buf, (long)n, 0, 0, 0);
}

ssize_t dsu_sys_pread(int fd, void *buf, size_t n, off_t at)
{
	return dsu_call(SYS_pread64, fd, (long)buf, (long)n, at, 0, 0);
}

ssize_t dsu_sys_pread64(int fd, void *buf, size_t n, off64_t at)
{
	return dsu_call(SYS_pread64, fd, (long)buf, (long)n, at, 0, 0);
}

ssize_t dsu_sys_readv(int fd, const struct iovec *v, int n)
{
	return dsu_call(SYS_readv, fd, (long)v, n, 0, 0, 0);
}

ssize_t dsu_sys_recv(int fd, void *buf, size_t n, int flags)
{
	return dsu_call(SYS_recvfrom, fd, (long)buf, (long)n, flags, 0, 0);
}

ssize_t dsu_sys_recvfrom(int fd, void *restrict buf, size_t n, int flags, __SOCKADDR_ARG addr,
	socklen_t *restrict len)
{
	return dsu_call(
		SYS_recvfrom, fd, (long)buf, (long)n, flags, (long)addr.__sockaddr__, (long)len);
}

ssize_t dsu_sys_recvmsg(int fd, struct msghdr *m, int flags)
{
	return dsu_call(SYS_recvmsg, fd, (long)m, flags, 0, 0, 0);
}

int dsu_sys_accept(int fd, __SOCKADDR_ARG addr, socklen_t *restrict len)
{
	return (int)dsu_call(SYS_accept, fd, (long)addr.__sockaddr__, (long)len, 0, 0, 0);
}

int dsu_sys_accept4(int fd, __SOCKADDR_ARG addr, socklen_t *restrict len, int flags)
{
	return (int)dsu_call(SYS_accept4, fd, (long)addr.__sockaddr__, (long)len, flags, 0, 0);
}

int dsu_sys_connect(int fd, __CONST_SOCKADDR_ARG addr, socklen_t len)
{
	return (int)dsu_call(SYS_connect, fd, (long)addr.__sockaddr__, len, 0, 0, 0);
}

ssize_t dsu_sys_write(int fd, const void *buf, size_t n)
{
	return dsu_call(SYS_write, fd, (long)buf, (long)n, 0, 0, 0);
}

ssize_t dsu_sys_pwrite(int fd, const void *buf, size_t n, off_t at)
{
	return dsu_call(SYS_pwrite64, fd, (long)buf, (long)n, at, 0, 0);
}

ssize_t dsu_sys_pwrite64(int fd, const void *buf, size_t n, off64_t at)
{
	return dsu_call(SYS_pwrite64, fd, (long)buf, (long)n, at, 0, 0);
}

ssize_t dsu_sys_writev(int fd, const struct iovec *v, int n)
{
	return dsu_call(SYS_writev, fd, (long)v, n, 0, 0, 0);
}

ssize_t dsu_sys_send(int fd, const void *buf, size_t n, int flags)
{
	return dsu_call(SYS_sendto, fd, (long)buf, (long)n, flags, 0, 0);
}

ssize_t dsu_sys_sendto(
	int fd, const void *buf, size_t n, int flags, __CONST_SOCKADDR_ARG addr, socklen_t len)
{
	return dsu_call(SYS_sendto, fd, (long)buf, (long)n, flags, (long)addr.__sockaddr__, len);
}

ssize_t dsu_sys_sendmsg(int fd, const struct msghdr *m, int flags)
{
	return dsu_call(SYS_sendmsg, fd, (long)m, flags, 0, 0, 0);
}

ssize_t dsu_sys_sendfile(int out, int in, off_t *at, size_t n)
{
	return dsu_call(SYS_sendfile, out, in, (long)at, (long)n, 0, 0);
}

ssize_t dsu_sys_sendfile64(int out, int in, off64_t *at, size_t n)
{
	return dsu_call(SYS_sendfile, out, in, (long)at, (long)n, 0, 0);
}

int dsu_sys_flock(int fd, int op)
{
	return (int)dsu_call(SYS_flock, fd, op, 0, 0, 0, 0);
}

/* Only waiting for a lock blocks; libc knows best about the rest. */
static int control(int fd, int cmd, void *arg)
{
	if (cmd == F_SETLKW || cmd == F_OFD_SETLKW)
		return (int)dsu_call(SYS_fcntl, fd, cmd, (long)arg, 0, 0, 0);
	return fcntl(fd, cmd, arg);
}

int dsu_sys_fcntl(int fd, int cmd, ...)
{
	va_list ap;
	void *arg;

	va_start(ap, cmd);
	arg = va_arg(ap, void *);
	va_end(ap);
	return control(fd, cmd, arg);
}

int dsu_sys_fcntl64(int fd, int cmd, ...)
{
	va_list ap;
	void *arg;

	va_start(ap, cmd);
	arg = va_arg(ap, void *);
	va_end(ap);
	return control(fd, cmd, arg);
}

int dsu_sys_lockf(int fd, int cmd, off_t len)
{
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_CUR, .l_len = len};

	if (cmd != F_LOCK)
		return lockf(fd, cmd, len);
	return control(fd, F_SETLKW, &l);
}

int dsu_sys_lockf64(int fd, int cmd, off64_t len)
{
	return dsu_sys_lockf(fd, cmd, len);
}
