/*
 * timed.c - one thread for each way to wait on a socket that has a time-out of its own, argv[1]
 * milliseconds; says what each call gave and after how long. For dsucc.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static struct timeval timeout;
static int quiet_peer;
static char big[1 << 16];

static int by_recv(int fd)
{
	char b;

	return (int)recv(fd, &b, 1, 0);
}

static int by_read(int fd)
{
	char b;

	return (int)read(fd, &b, 1);
}

static int by_recv_all(int fd)
{
	char b[4];

	return (int)recv(fd, b, 4, MSG_WAITALL);
}

static int by_recvmsg(int fd)
{
	char b;
	struct iovec v = {&b, 1};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};

	return (int)recvmsg(fd, &m, 0);
}

static int by_accept(int unused)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (listen(fd, 1) || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout))
		exit(3);
	(void)unused;
	return accept(fd, NULL, NULL);
}

static int by_send(int fd)
{
	while (send(fd, big, sizeof big, MSG_DONTWAIT) > 0)
		;
	return (int)send(fd, big, 1, 0);
}

static int by_write(int fd)
{
	while (send(fd, big, sizeof big, MSG_DONTWAIT) > 0)
		;
	return (int)write(fd, big, 1);
}

/* Something comes in time. */
static int by_answer(int fd)
{
	char b = 0;
	int r = (int)recv(fd, &b, 1, 0);

	return r == 1 && b == 'x' ? 4711 : r;
}

static const struct way {
	const char *name;
	int (*wait)(int fd);
} ways[] = {
	{"recv", by_recv},
	{"read", by_read},
	{"recv_all", by_recv_all},
	{"recvmsg", by_recvmsg},
	{"accept", by_accept},
	{"send", by_send},
	{"write", by_write},
	{"answer", by_answer},
};

static void *waiter(void *arg)
{
	const struct way *w = arg;
	struct timespec a, b;
	char text[64];
	int fd[2], r, n;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) ||
		setsockopt(fd[0], SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout) ||
		setsockopt(fd[0], SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout))
		exit(3);
	if (w->wait == by_answer)
		quiet_peer = fd[1];
	clock_gettime(CLOCK_MONOTONIC, &a);
	r = w->wait(fd[0]);
	n = errno;
	clock_gettime(CLOCK_MONOTONIC, &b);
	n = snprintf(text, sizeof text, "%s %s %ld\n", w->name,
		r < 0 ? strerrorname_np(n) : r == 4711 ? "right" : "0",
		(b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000);
	if (write(1, text, (size_t)n) != n)
		exit(2);
	return NULL;
}

int main(int argc, char **argv)
{
	enum { WAYS = sizeof ways / sizeof *ways };
	long ms = argc > 1 ? atol(argv[1]) : 1000;
	pthread_t t[WAYS];
	char line[8];

	timeout = (struct timeval){ms / 1000, ms % 1000 * 1000};
	for (int i = 0; i < WAYS; i++)
		pthread_create(&t[i], NULL, waiter, (void *)&ways[i]);
	if (write(1, "ready\n", 6) != 6)
		return 2;
	if (read(0, line, sizeof line) <= 0 || write(quiet_peer, "x", 1) != 1)
		return 2;
	for (int i = 0; i < WAYS; i++)
		pthread_join(t[i], NULL);
	return 0;
}
