/* sysw_io.c - blocking calls on descriptors. */
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <sys/file.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <termios.h>
#include <unistd.h>

#include "sysw.h"

extern DSU_EXPORT __typeof__(read) dsu_sys_read;
extern DSU_EXPORT __typeof__(pread) dsu_sys_pread;
extern DSU_EXPORT __typeof__(pread64) dsu_sys_pread64;
extern DSU_EXPORT __typeof__(readv) dsu_sys_readv;
extern DSU_EXPORT __typeof__(preadv) dsu_sys_preadv;
extern DSU_EXPORT __typeof__(preadv64) dsu_sys_preadv64;
extern DSU_EXPORT __typeof__(preadv2) dsu_sys_preadv2;
extern DSU_EXPORT __typeof__(preadv64v2) dsu_sys_preadv64v2;
extern DSU_EXPORT __typeof__(open) dsu_sys_open;
extern DSU_EXPORT __typeof__(open64) dsu_sys_open64;
extern DSU_EXPORT __typeof__(openat) dsu_sys_openat;
extern DSU_EXPORT __typeof__(openat64) dsu_sys_openat64;
extern DSU_EXPORT __typeof__(creat) dsu_sys_creat;
extern DSU_EXPORT __typeof__(creat64) dsu_sys_creat64;
extern DSU_EXPORT __typeof__(splice) dsu_sys_splice;
extern DSU_EXPORT __typeof__(tee) dsu_sys_tee;
extern DSU_EXPORT __typeof__(vmsplice) dsu_sys_vmsplice;
extern DSU_EXPORT __typeof__(tcdrain) dsu_sys_tcdrain;
extern DSU_EXPORT __typeof__(accept) dsu_sys_accept;
extern DSU_EXPORT __typeof__(accept4) dsu_sys_accept4;
extern DSU_EXPORT __typeof__(connect) dsu_sys_connect;
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

ssize_t dsu_sys_preadv(int fd, const struct iovec *v, int n, off_t at)
{
	return dsu_call(SYS_preadv, fd, (long)v, n, at, 0, 0);
}

ssize_t dsu_sys_preadv64(int fd, const struct iovec *v, int n, off64_t at)
{
	return dsu_call(SYS_preadv, fd, (long)v, n, at, 0, 0);
}

ssize_t dsu_sys_preadv2(int fd, const struct iovec *v, int n, off_t at, int flags)
{
	return dsu_call(SYS_preadv2, fd, (long)v, n, at, 0, flags);
}

ssize_t dsu_sys_preadv64v2(int fd, const struct iovec *v, int n, off64_t at, int flags)
{
	return dsu_call(SYS_preadv2, fd, (long)v, n, at, 0, flags);
}

/* ---- opening: a FIFO waits for its other end ---- */

static int open_at(int dir, const char *path, int flags, unsigned mode)
{
	return (int)dsu_call(SYS_openat, dir, (long)path, flags, mode, 0, 0);
}

/* The mode is there only if a file may be made. */
#define MODE(flags, last)                                                    \
	({                                                                   \
		unsigned mode_ = 0;                                          \
		va_list ap_;                                                 \
                                                                             \
		va_start(ap_, last);                                         \
		if ((flags) & O_CREAT || ((flags) & O_TMPFILE) == O_TMPFILE) \
			mode_ = va_arg(ap_, unsigned);                       \
		va_end(ap_);                                                 \
		mode_;                                                       \
	})

int dsu_sys_open(const char *path, int flags, ...)
{
	return open_at(AT_FDCWD, path, flags, MODE(flags, flags));
}

int dsu_sys_open64(const char *path, int flags, ...)
{
	return open_at(AT_FDCWD, path, flags, MODE(flags, flags));
}

int dsu_sys_openat(int dir, const char *path, int flags, ...)
{
	return open_at(dir, path, flags, MODE(flags, flags));
}

int dsu_sys_openat64(int dir, const char *path, int flags, ...)
{
	return open_at(dir, path, flags, MODE(flags, flags));
}

int dsu_sys_creat(const char *path, mode_t mode)
{
	return open_at(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

int dsu_sys_creat64(const char *path, mode_t mode)
{
	return open_at(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

/* ---- pipes: what one of these moves is one step, however long ---- */

ssize_t dsu_sys_splice(int in, off64_t *in_at, int out, off64_t *out_at, size_t n, unsigned flags)
{
	return dsu_call(SYS_splice, in, (long)in_at, out, (long)out_at, (long)n, (long)flags);
}

ssize_t dsu_sys_tee(int in, int out, size_t n, unsigned flags)
{
	return dsu_call(SYS_tee, in, out, (long)n, (long)flags, 0, 0);
}

ssize_t dsu_sys_vmsplice(int fd, const struct iovec *v, size_t n, unsigned flags)
{
	return dsu_call(SYS_vmsplice, fd, (long)v, (long)n, (long)flags, 0, 0);
}

int dsu_sys_tcdrain(int fd)
{
	return (int)dsu_call(SYS_ioctl, fd, TCSBRK, 1, 0, 0, 0);
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

int dsu_sys_flock(int fd, int op)
{
	return (int)dsu_call(SYS_flock, fd, op, 0, 0, 0, 0);
}

/* The compiler decides by number which calls of fcntl() are continuation points. */
#define DSU_BLOCKING(name)
#define DSU_WRAPPED(name)
#define DSU_WAITS(name)
#define DSU_ONLY(name, n, macro, value) \
	_Static_assert((macro) == (value), "dsu_blocking.h: the value of " #macro);
#include "dsu_blocking.h"

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
