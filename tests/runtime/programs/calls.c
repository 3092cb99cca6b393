/*
 * calls.c - one blocking call, named by argv[1], in a thread of its own; a line makes main() give it
 * what it waits for. argv[2]: milliseconds that time-outs take. The call checks its own result and
 * data; prints "value error milliseconds". For dsucc.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/io_uring.h>
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define BIG (1 << 20)

static int a[2], b[2]; /* pipes or socket pairs; the call uses a[0] or b[1] */
static int fd = -1, id = -1, word;
static mqd_t queue;
static char big[BIG], got[BIG], path[64];
static struct timespec length;
static sigset_t usr1;

struct message {
	long type;
	char text[8];
};

static void need(int ok)
{
	if (!ok) {
		perror("calls.c");
		_exit(3);
	}
}

/* ---- set-ups ---- */

static void pipes(void)
{
	need(!pipe(a) && !pipe(b));
}

static void sockets(void)
{
	need(!socketpair(AF_UNIX, SOCK_STREAM, 0, a) && !socketpair(AF_UNIX, SOCK_STREAM, 0, b));
}

static void three_bytes(void)
{
	sockets();
	need(write(a[1], "abc", 3) == 3);
}

static void datagrams(void)
{
	need(!socketpair(AF_UNIX, SOCK_DGRAM, 0, a) && !socketpair(AF_UNIX, SOCK_DGRAM, 0, b));
	need(write(a[1], "one", 3) == 3);
}

static void file_and_socket(void)
{
	sockets();
	fd = memfd_create("big", 0);
	need(fd >= 0 && write(fd, big, BIG) == BIG && lseek(fd, 0, SEEK_SET) == 0);
}

static void full_pipe(void)
{
	pipes();
	need(write(b[1], big, 65536) == 65536);
}

static void event(void)
{
	struct epoll_event e = {.events = EPOLLIN};

	a[0] = eventfd(0, 0);
	fd = epoll_create1(0);
	need(a[0] >= 0 && !epoll_ctl(fd, EPOLL_CTL_ADD, a[0], &e));
}

static void timer(void)
{
	struct itimerspec far = {.it_value = {1000, 0}};

	a[0] = timerfd_create(CLOCK_MONOTONIC, 0);
	need(a[0] >= 0 && !timerfd_settime(a[0], 0, &far, NULL));
}

static void watched(void)
{
	a[0] = inotify_init();
	snprintf(path, sizeof path, "/tmp/dsu-calls-%d", (int)getpid());
	need(!mkdir(path, 0700) && inotify_add_watch(a[0], path, IN_CREATE) >= 0);
}

static void signals(void)
{
	need(!pthread_sigmask(SIG_BLOCK, &usr1, NULL));
	a[0] = signalfd(-1, &usr1, 0);
	need(a[0] >= 0);
}

static void message_queue(void)
{
	struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 16};

	snprintf(path, sizeof path, "/dsu-calls-%d", (int)getpid());
	queue = mq_open(path, O_CREAT | O_EXCL | O_RDWR, 0600, &attr);
	need(queue >= 0);
	mq_unlink(path);
}

static void full_queue(void)
{
	message_queue();
	need(!mq_send(queue, "first", 5, 1));
}

static void semaphore(void)
{
	id = semget(IPC_PRIVATE, 1, 0600);
	need(id >= 0);
}

static void messages(void)
{
	id = msgget(IPC_PRIVATE, 0600);
	need(id >= 0);
}

static void full_messages(void)
{
	struct msqid_ds ds;

	messages();
	need(!msgctl(id, IPC_STAT, &ds));
	ds.msg_qbytes = 8;
	need(!msgctl(id, IPC_SET, &ds) && !msgsnd(id, &(struct message){1, "full"}, 8, 0));
}

static void fifo(void)
{
	snprintf(path, sizeof path, "/tmp/dsu-calls-%d", (int)getpid());
	need(!mkfifo(path, 0600));
}

static void locked_file(void)
{
	snprintf(path, sizeof path, "/proc/self/fd/%d", memfd_create("locked", 0));
	fd = open(path, O_RDWR);
	a[0] = open(path, O_RDWR);
	need(fd >= 0 && a[0] >= 0 && !flock(fd, LOCK_EX));
}

/* A process that holds a record lock until it is told to leave. */
static void locked_record(void)
{
	char byte;

	pipes();
	fd = a[0];
	a[0] = memfd_create("locked", 0);
	need(a[0] >= 0 && ftruncate(a[0], 10) == 0);
	if (fork() == 0) {
		need(!lockf(a[0], F_LOCK, 0) && write(b[1], "l", 1) == 1);
		_exit(read(fd, &byte, 1) < 0);
	}
	need(read(b[0], &byte, 1) == 1);
}

static void listening(void)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};

	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	snprintf(name.sun_path + 1, sizeof name.sun_path - 1, "dsu-calls-%d", (int)getpid());
	need(!bind(fd, (struct sockaddr *)&name, sizeof name) && !listen(fd, 0));
}

static int client(void)
{
	struct sockaddr_un name;
	socklen_t len = sizeof name;
	int s = socket(AF_UNIX, SOCK_STREAM, 0);

	getsockname(fd, (struct sockaddr *)&name, &len);
	return connect(s, (struct sockaddr *)&name, len) ? -1 : s;
}

static void no_room(void)
{
	listening();
	need(client() >= 0);
}

/* ---- what the call waits for comes ---- */

static void five_bytes(void)
{
	need(write(a[1], "defgh", 5) == 5);
}

static void second(void)
{
	need(write(a[1], "second", 6) == 6);
}

static void drain_all(void)
{
	size_t n = 0;

	while (n < BIG) {
		ssize_t r = read(b[0], got + n, BIG - n);

		need(r > 0);
		n += (size_t)r;
	}
	need(!memcmp(big, got, BIG));
}

static void drain_pipe(void)
{
	need(read(b[0], got, 65536) > 0);
}

static void drain_datagrams(void)
{
	for (int i = 0; i < 400; i++) {
		need(recv(b[0], got, 100, 0) == 4);
		need(!memcmp(got, &i, 4));
	}
}

static void ring(void)
{
	need(write(a[0], &(uint64_t){7}, 8) == 8);
}

static void expire(void)
{
	struct itimerspec soon = {.it_value = {0, 1000}};

	need(!timerfd_settime(a[0], 0, &soon, NULL));
}

static void create(void)
{
	char name[80];

	snprintf(name, sizeof name, "%s/x", path);
	close(creat(name, 0600));
}

static void raise_it(void)
{
	kill(getpid(), SIGUSR1);
}

static void send_message(void)
{
	need(!mq_send(queue, "hello", 5, 3));
}

static void take_message(void)
{
	need(mq_receive(queue, got, sizeof got, NULL) == 5);
}

static void up(void)
{
	need(!semop(id, &(struct sembuf){0, 1, 0}, 1));
	semctl(id, 0, IPC_RMID);
}

static void post_message(void)
{
	struct message m = {2, "posted"};

	need(!msgsnd(id, &m, 6, 0));
}

static void receive_message(void)
{
	need(msgrcv(id, got, 8, 1, 0) == 8);
}

static void open_fifo(void)
{
	need(open(path, O_WRONLY) >= 0);
	unlink(path);
}

static void unlock_file(void)
{
	need(!flock(fd, LOCK_UN));
}

static void dismiss_child(void)
{
	need(write(a[1], "x", 1) == 1);
}

static void come_in(void)
{
	need(client() >= 0);
}

static void let_in(void)
{
	need(accept(fd, NULL, NULL) >= 0);
}

static void wake_word(void)
{
	__atomic_store_n(&word, 1, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void nothing(void)
{
}

/* ---- calls ---- */

static long checked(long r, const char *wanted)
{
	need(r < 0 || !memcmp(got, wanted, strlen(wanted)));
	return r;
}

static long c_read(void)
{
	return read(a[0], got, sizeof got);
}

static long c_inotify(void)
{
	char name[80];
	long r = read(a[0], got, sizeof got);

	snprintf(name, sizeof name, "%s/x", path);
	unlink(name);
	rmdir(path);
	return r;
}

static long c_recv_all(void)
{
	return checked(recv(a[0], got, 8, MSG_WAITALL), "abcdefgh");
}

static long c_recvmsg_all(void)
{
	struct iovec v[3] = {{got, 2}, {got + 2, 4}, {got + 6, 2}};
	struct msghdr m = {.msg_iov = v, .msg_iovlen = 3};

	return checked(recvmsg(a[0], &m, MSG_WAITALL), "abcdefgh");
}

static long c_recvmmsg(void)
{
	struct iovec v[2] = {{got, 100}, {got + 3, 100}};
	struct mmsghdr m[2] = {{.msg_hdr = {.msg_iov = v, .msg_iovlen = 1}},
		{.msg_hdr = {.msg_iov = v + 1, .msg_iovlen = 1}}};
	long r = recvmmsg(a[0], m, 2, 0, NULL);

	need(r != 2 || (m[0].msg_len == 3 && m[1].msg_len == 6));
	return checked(r, "onesecond");
}

static long c_sendmmsg(void)
{
	static struct mmsghdr m[400];
	static struct iovec v[400];
	static int numbers[400];

	for (int i = 0; i < 400; i++) {
		numbers[i] = i;
		v[i].iov_base = &numbers[i];
		v[i].iov_len = 4;
		m[i].msg_hdr.msg_iov = &v[i];
		m[i].msg_hdr.msg_iovlen = 1;
	}
	return sendmmsg(b[1], m, 400, 0);
}

static long c_write(void)
{
	return write(b[1], big, BIG);
}

static long c_send(void)
{
	return send(b[1], big, BIG, 0);
}

static void pieces(struct iovec v[4])
{
	v[0] = (struct iovec){big, 1000};
	v[1] = (struct iovec){big + 1000, 0};
	v[2] = (struct iovec){big + 1000, 700000};
	v[3] = (struct iovec){big + 701000, BIG - 701000};
}

static long c_writev(void)
{
	struct iovec v[4];

	pieces(v);
	return writev(b[1], v, 4);
}

static long c_sendmsg(void)
{
	struct iovec v[4];
	struct msghdr m = {.msg_iov = v, .msg_iovlen = 4};

	pieces(v);
	return sendmsg(b[1], &m, 0);
}

static long c_sendfile(void)
{
	return sendfile(b[1], fd, NULL, BIG);
}

static long c_sendfile_at(void)
{
	off_t at = 0;
	long r = sendfile(b[1], fd, &at, BIG);

	need(r != BIG || at == BIG);
	return r;
}

static long c_splice(void)
{
	return splice(a[0], NULL, b[1], NULL, 100, 0);
}

static long c_tee(void)
{
	return tee(a[0], b[1], 100, 0);
}

static long c_vmsplice(void)
{
	return vmsplice(b[1], &(struct iovec){big, 4096}, 1, 0);
}

static long c_epoll_pwait2(void)
{
	struct epoll_event e;

	return epoll_pwait2(fd, &e, 1, &length, &usr1);
}

static long c_sigwait(void)
{
	sigset_t all;
	int sig = 0, e;

	sigfillset(&all);
	e = sigwait(&all, &sig);
	errno = e;
	return e ? -1 : sig;
}

static long c_sigwaitinfo(void)
{
	siginfo_t info;
	long r = sigwaitinfo(&usr1, &info);

	need(r < 0 || info.si_pid == getpid());
	return r;
}

static long c_sigtimedwait(void)
{
	return sigtimedwait(&usr1, NULL, &length);
}

static struct timespec moment(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_sec += length.tv_sec;
	ts.tv_nsec += length.tv_nsec;
	if (ts.tv_nsec >= 1000000000) {
		ts.tv_sec++;
		ts.tv_nsec -= 1000000000;
	}
	return ts;
}

static long c_mq_receive(void)
{
	unsigned priority = 0;
	long r = mq_receive(queue, got, sizeof got, &priority);

	need(r < 0 || priority == 3);
	return checked(r, "hello");
}

static long c_mq_timedreceive(void)
{
	struct timespec ts = moment();

	return mq_timedreceive(queue, got, sizeof got, NULL, &ts);
}

static long c_mq_send(void)
{
	return mq_send(queue, "second", 6, 2);
}

static long c_mq_timedsend(void)
{
	struct timespec ts = moment();

	return mq_timedsend(queue, "second", 6, 2, &ts);
}

static long c_semop(void)
{
	return semop(id, &(struct sembuf){0, -1, 0}, 1);
}

static long c_semtimedop(void)
{
	return semtimedop(id, &(struct sembuf){0, -1, 0}, 1, &length);
}

static long c_msgrcv(void)
{
	long r = msgrcv(id, got, 100, 2, 0);

	msgctl(id, IPC_RMID, NULL);
	need(r < 0 || !memcmp(got + sizeof(long), "posted", 6));
	return r;
}

static long c_msgsnd(void)
{
	long r = msgsnd(id, &(struct message){2, "more"}, 8, 0);

	msgctl(id, IPC_RMID, NULL);
	return r;
}

static long c_open(void)
{
	int f = open(path, O_RDONLY);

	return f < 0 ? f : 0;
}

static long c_flock(void)
{
	return flock(a[0], LOCK_EX);
}

static long c_lockf(void)
{
	return lockf(a[0], F_LOCK, 0);
}

static long c_setlkw(void)
{
	return fcntl(a[0], F_SETLKW, &(struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET});
}

static long c_accept(void)
{
	return accept(fd, NULL, NULL) < 0 ? -1 : 0;
}

static long c_connect(void)
{
	return client() < 0 ? -1 : 0;
}

static long c_futex(void)
{
	long r = syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &length, NULL, 0);

	/* What was woken while it was taken apart finds another value. */
	return r < 0 && errno == EAGAIN && word ? 0 : r;
}

static long c_ppoll_by_number(void)
{
	struct pollfd p = {.fd = a[0], .events = POLLIN};

	return syscall(SYS_ppoll, &p, 1, &length, NULL, 8);
}

static long c_poll_by_number(void)
{
	struct pollfd p = {.fd = a[0], .events = POLLIN};

	return syscall(SYS_poll, &p, 1, (int)(length.tv_sec * 1000 + length.tv_nsec / 1000000));
}

static long c_read_by_number(void)
{
	return syscall(SYS_read, a[0], got, sizeof got);
}

/* Hands a read of the event in, and waits for it in the same call. */
static long c_io_uring(void)
{
	struct io_uring_params p = {0};
	static uint64_t value;
	char *rings;
	struct io_uring_sqe *sqe;
	unsigned *tail;
	long r, ring_fd = syscall(SYS_io_uring_setup, 4, &p);

	if (ring_fd < 0)
		return -1;
	rings = mmap(NULL, p.sq_off.array + p.sq_entries * 4 + 65536, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_POPULATE, (int)ring_fd, IORING_OFF_SQ_RING);
	sqe = mmap(NULL, p.sq_entries * sizeof *sqe, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_POPULATE, (int)ring_fd, IORING_OFF_SQES);
	need(rings != MAP_FAILED && sqe != MAP_FAILED);
	*sqe = (struct io_uring_sqe){.opcode = IORING_OP_READ,
		.fd = a[0],
		.addr = (unsigned long)&value,
		.len = 8,
		.user_data = 42};
	tail = (unsigned *)(rings + p.sq_off.tail);
	((unsigned *)(rings + p.sq_off.array))[0] = 0;
	__atomic_store_n(tail, 1, __ATOMIC_SEQ_CST);
	r = syscall(SYS_io_uring_enter, ring_fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0);
	need(r < 0 || value == 7);
	return r;
}

static const struct call {
	const char *name;
	void (*set_up)(void);
	long (*call)(void);
	void (*give)(void);
	long result;
} calls[] = {
	{"recv_all", three_bytes, c_recv_all, five_bytes, 8},
	{"recvmsg_all", three_bytes, c_recvmsg_all, five_bytes, 8},
	{"recvmmsg", datagrams, c_recvmmsg, second, 2},
	{"sendmmsg", datagrams, c_sendmmsg, drain_datagrams, 400},
	{"write_pipe", pipes, c_write, drain_all, BIG},
	{"write", sockets, c_write, drain_all, BIG},
	{"send", sockets, c_send, drain_all, BIG},
	{"writev", sockets, c_writev, drain_all, BIG},
	{"sendmsg", sockets, c_sendmsg, drain_all, BIG},
	{"sendfile", file_and_socket, c_sendfile, drain_all, BIG},
	{"sendfile_at", file_and_socket, c_sendfile_at, drain_all, BIG},
	{"splice", pipes, c_splice, five_bytes, 5},
	{"tee", pipes, c_tee, five_bytes, 5},
	{"vmsplice", full_pipe, c_vmsplice, drain_pipe, 4096},
	{"epoll_pwait2", event, c_epoll_pwait2, ring, 1},
	{"eventfd", event, c_read, ring, 8},
	{"timerfd", timer, c_read, expire, 8},
	{"inotify", watched, c_inotify, create, 32},
	{"signalfd", signals, c_read, raise_it, sizeof(struct signalfd_siginfo)},
	{"sigwait", signals, c_sigwait, raise_it, SIGUSR1},
	{"sigwaitinfo", signals, c_sigwaitinfo, raise_it, SIGUSR1},
	{"sigtimedwait", signals, c_sigtimedwait, raise_it, SIGUSR1},
	{"mq_receive", message_queue, c_mq_receive, send_message, 5},
	{"mq_timedreceive", message_queue, c_mq_timedreceive, send_message, 5},
	{"mq_send", full_queue, c_mq_send, take_message, 0},
	{"mq_timedsend", full_queue, c_mq_timedsend, take_message, 0},
	{"semop", semaphore, c_semop, up, 0},
	{"semtimedop", semaphore, c_semtimedop, up, 0},
	{"msgrcv", messages, c_msgrcv, post_message, 6},
	{"msgsnd", full_messages, c_msgsnd, receive_message, 0},
	{"open_fifo", fifo, c_open, open_fifo, 0},
	{"flock", locked_file, c_flock, unlock_file, 0},
	{"lockf", locked_record, c_lockf, dismiss_child, 0},
	{"fcntl_setlkw", locked_record, c_setlkw, dismiss_child, 0},
	{"accept", listening, c_accept, come_in, 0},
	{"connect", no_room, c_connect, let_in, 0},
	{"futex", nothing, c_futex, wake_word, 0},
	{"ppoll_by_number", event, c_ppoll_by_number, ring, 1},
	{"poll_by_number", event, c_poll_by_number, ring, 1},
	{"read_by_number", pipes, c_read_by_number, five_bytes, 5},
	{"io_uring", event, c_io_uring, ring, 1},
};

static void *run(void *arg)
{
	const struct call *c = arg;
	struct timespec from, to;
	char text[64];
	long r;
	int e, n;

	clock_gettime(CLOCK_MONOTONIC, &from);
	errno = 0;
	r = c->call();
	e = errno;
	clock_gettime(CLOCK_MONOTONIC, &to);
	n = snprintf(text, sizeof text, "%d %s %ld\n", r == c->result,
		r < 0 ? strerrorname_np(e) : "0",
		(to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000);
	need(write(1, text, (size_t)n) == n);
	return NULL;
}

int main(int argc, char **argv)
{
	const struct call *c = calls;
	char line[8];
	pthread_t t;
	long ms;

	if (argc < 3)
		return 2;
	while (strcmp(c->name, argv[1]))
		if (++c == calls + sizeof calls / sizeof *calls)
			return 2;
	ms = atol(argv[2]);
	length = (struct timespec){ms / 1000, ms % 1000 * 1000000};
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	for (int i = 0; i < BIG; i++)
		big[i] = (char)(i * 7 + i / 251);
	c->set_up();
	need(!pthread_create(&t, NULL, run, (void *)c));
	usleep(100000);
	need(write(1, "ready\n", 6) == 6);
	need(read(0, line, sizeof line) > 0);
	c->give();
	pthread_join(t, NULL);
	return 0;
}
