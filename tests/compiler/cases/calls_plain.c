/* Wrapped calls that find what they want at once: results, data and errno as without the wrapper. */
/* dsu: gap on aarch64 qemu-user 7.2 does not know preadv2() and pwritev2() */
/* dsu: updates */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <termios.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

#include "case.h"

static char path[64], text[64];

static void say(const char *what, long r)
{
	printf("%s %ld %s\n", what, r, r < 0 ? strerrorname_np(errno) : text);
	memset(text, 0, sizeof text);
}

static int opened(void)
{
	struct stat st;
	int fd = open(path, O_CREAT | O_EXCL | O_RDWR, 0640);

	fstat(fd, &st);
	say("mode", st.st_mode & 0777);
	say("exists", open(path, O_CREAT | O_EXCL | O_RDWR, 0640));
	say("openat", openat(AT_FDCWD, "/nonexistent", O_RDONLY));
	close(creat(path, 0600));
	fstat(fd, &st);
	say("created", st.st_size + (st.st_mode & 0777));
	return fd;
}

static void vectors(int fd)
{
	struct iovec v[2] = {{"hello ", 6}, {"world", 5}}, r[2] = {{text, 4}, {text + 4, 20}};

	say("pwritev", pwritev(fd, v, 2, 3));
	say("preadv", preadv(fd, r, 2, 3));
	say("pwritev2", pwritev2(fd, v, 1, 0, 0));
	say("preadv2", preadv2(fd, r, 2, 1, 0));
	lseek(fd, 2, SEEK_SET);
	say("here", preadv2(fd, r, 1, -1, 0));
	say("writev", writev(fd, v, 2));
	say("readv", readv(fd, r, 2));
	say("bad", pwritev(fd, v, -1, 0));
}

static void copies(int fd)
{
	int to = memfd_create("to", 0), p[2];
	off64_t at = 2;
	struct iovec v = {"spliced", 7};

	say("copy", copy_file_range(fd, &at, to, NULL, 5, 0));
	say("at", at);
	say("back", pread(to, text, 20, 0));
	if (pipe(p))
		exit(2);
	say("vmsplice", vmsplice(p[1], &v, 1, 0));
	say("splice", splice(p[0], NULL, to, NULL, 5, 0));
	say("back", pread(to, text, 20, 0));
	fcntl(p[0], F_SETFL, O_NONBLOCK);
	say("read", read(p[0], text, 20));
	say("empty", read(p[0], text, 20));
	say("tcdrain", tcdrain(p[0]));
}

static void messages(void)
{
	int s[2];
	struct iovec v[2] = {{"one", 3}, {"three", 5}}, r[2] = {{text, 20}, {text + 3, 20}};
	struct mmsghdr m[2] = {{.msg_hdr = {.msg_iov = v, .msg_iovlen = 1}},
		{.msg_hdr = {.msg_iov = v + 1, .msg_iovlen = 1}}};

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, s))
		exit(2);
	say("sendmmsg", sendmmsg(s[0], m, 2, 0));
	m[0].msg_hdr.msg_iov = r;
	m[1].msg_hdr.msg_iov = r + 1;
	say("recvmmsg", recvmmsg(s[1], m, 2, 0, NULL));
	say("lengths", m[0].msg_len * 10 + m[1].msg_len);
	say("peek", recv(s[1], text, 9, MSG_DONTWAIT | MSG_PEEK | MSG_WAITALL));
}

static void locks(void)
{
	pthread_mutex_t m = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
	pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER;
	pthread_barrier_t b;
	pthread_cond_t c = PTHREAD_COND_INITIALIZER;
	struct timespec past = {1, 0}, bad = {1, -1};
	mtx_t mtx;
	sem_t s;

	say("lock", pthread_mutex_lock(&m));
	say("again", pthread_mutex_lock(&m));
	say("timed", pthread_mutex_timedlock(&m, &past));
	say("cond", pthread_cond_timedwait(&c, &m, &past));
	say("bad", pthread_cond_timedwait(&c, &m, &bad));
	say("signal", pthread_cond_signal(&c) + pthread_cond_broadcast(&c));
	pthread_mutex_unlock(&m);
	say("not ours", pthread_cond_wait(&c, &m));
	say("read", pthread_rwlock_rdlock(&rw));
	say("read", pthread_rwlock_rdlock(&rw));
	say("write", pthread_rwlock_timedwrlock(&rw, &past));
	sem_init(&s, 0, 1);
	say("sem", sem_wait(&s));
	say("sem", sem_timedwait(&s, &past));
	say("barrier", pthread_barrier_init(&b, NULL, 0));
	pthread_barrier_init(&b, NULL, 1);
	say("serial", pthread_barrier_wait(&b) == PTHREAD_BARRIER_SERIAL_THREAD);
	say("serial", pthread_barrier_wait(&b) == PTHREAD_BARRIER_SERIAL_THREAD);
	say("destroy", pthread_barrier_destroy(&b));
	say("join", pthread_join(pthread_self(), NULL));
	mtx_init(&mtx, mtx_timed);
	say("mtx", mtx_lock(&mtx) == thrd_success);
	say("mtx", mtx_timedlock(&mtx, &past) == thrd_timedout);
}

int main(void)
{
	struct timespec none = {0, 0};
	int fd;

	snprintf(path, sizeof path, "/tmp/dsu-case-%d", (int)getpid());
	umask(022);
	fd = opened();
	vectors(fd);
	copies(fd);
	messages();
	locks();
	say("random", getrandom(path + 40, 20, 0));
	say("number", syscall(SYS_getppid) == getppid());
	say("number", syscall(SYS_read, -1, text, 1));
	say("number", syscall(SYS_ppoll, NULL, 0, &none, NULL, 8));
	say("number", syscall(SYS_nanosleep, &none, NULL));
	return unlink(path);
}
