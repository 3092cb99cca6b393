/*
 * blocking.c - one blocking call, named by argv[1], interrupted by updates as often as the test
 * likes. Verifies itself: prints "result errno milliseconds".
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "emitted.h"

#define DSU_BLOCKING(name) extern __typeof__(name) dsu_sys_##name;
DSU_BLOCKING(read)
DSU_BLOCKING(poll)
DSU_BLOCKING(ppoll)
DSU_BLOCKING(select)
DSU_BLOCKING(pselect)
DSU_BLOCKING(epoll_wait)
DSU_BLOCKING(nanosleep)
DSU_BLOCKING(clock_nanosleep)
DSU_BLOCKING(usleep)
DSU_BLOCKING(sleep)
DSU_BLOCKING(pause)
DSU_BLOCKING(sigsuspend)
DSU_BLOCKING(wait)
DSU_BLOCKING(sigaction)
DSU_BLOCKING(fork)

struct state {
	char call[32], text[64];
	struct timespec start, length, rest;
	struct timeval tv;
	struct pollfd fd;
	struct epoll_event event;
	fd_set set;
	sigset_t none;
	int epoll;
};

static volatile sig_atomic_t signals;

static void on_usr1(int sig)
{
	(void)sig;
	signals++;
}

/* Not a part of main(), whose landing pads would take its calls for points. */
static __attribute__((noinline)) void set_up(struct state *s, int argc, char **argv)
{
	struct sigaction sa = {.sa_handler = on_usr1};

	memset(s, 0, sizeof *s);
	if (argc < 3)
		exit(2);
	strncpy(s->call, argv[1], sizeof s->call - 1);
	s->length.tv_sec = atoi(argv[2]) / 1000;
	s->length.tv_nsec = atoi(argv[2]) % 1000 * 1000000L;
	s->tv.tv_sec = s->length.tv_sec;
	s->tv.tv_usec = s->length.tv_nsec / 1000;
	s->fd.events = POLLIN;
	FD_SET(0, &s->set);
	s->event.events = EPOLLIN;
	if (argc > 3)
		sa.sa_flags = SA_RESTART;
	dsu_sys_sigaction(SIGUSR1, &sa, NULL);
	if (!strcmp(s->call, "epoll_wait")) {
		s->epoll = epoll_create1(0);
		epoll_ctl(s->epoll, EPOLL_CTL_ADD, 0, &s->event);
	}
	if (!strcmp(s->call, "wait") && dsu_sys_fork() == 0) {
		while (nanosleep(&s->length, &s->length)) /* plain: our signal interrupts it */
			;
		_exit(7);
	}
	clock_gettime(CLOCK_MONOTONIC, &s->start);
	if (write(1, "ready\n", 6) < 0)
		exit(2);
}

/* What the compiler emits as one call a point is one function here: it is not instrumented. */
static inline __attribute__((always_inline)) long issue(struct state *s)
{
	const char *c = s->call;
	int ms = (int)(s->length.tv_sec * 1000 + s->length.tv_nsec / 1000000);

	if (!strcmp(c, "read"))
		return dsu_sys_read(0, s->text, sizeof s->text - 1);
	if (!strcmp(c, "poll"))
		return dsu_sys_poll(&s->fd, 1, ms);
	if (!strcmp(c, "ppoll"))
		return dsu_sys_ppoll(&s->fd, 1, &s->length, &s->none);
	if (!strcmp(c, "select"))
		return dsu_sys_select(1, &s->set, NULL, NULL, &s->tv);
	if (!strcmp(c, "pselect"))
		return dsu_sys_pselect(1, &s->set, NULL, NULL, &s->length, &s->none);
	if (!strcmp(c, "epoll_wait"))
		return dsu_sys_epoll_wait(s->epoll, &s->event, 1, ms);
	if (!strcmp(c, "nanosleep"))
		return dsu_sys_nanosleep(&s->length, &s->rest);
	if (!strcmp(c, "clock_nanosleep"))
		return dsu_sys_clock_nanosleep(CLOCK_MONOTONIC, 0, &s->length, NULL);
	if (!strcmp(c, "usleep"))
		return dsu_sys_usleep((useconds_t)ms * 1000);
	if (!strcmp(c, "sleep"))
		return dsu_sys_sleep((unsigned)s->length.tv_sec);
	if (!strcmp(c, "pause"))
		return dsu_sys_pause();
	if (!strcmp(c, "sigsuspend"))
		return dsu_sys_sigsuspend(&s->none);
	if (!strcmp(c, "wait"))
		return dsu_sys_wait(NULL) > 0 ? 1 : -1;
	exit(2);
}

static void tell(const struct state *s, long r)
{
	int e = errno;
	struct timespec now;
	char line[160];
	int n;

	clock_gettime(CLOCK_MONOTONIC, &now);
	n = snprintf(line, sizeof line, "%ld %s %ld signals=%d text=%s\n", r,
		r < 0 ? strerrorname_np(e) : "0",
		(now.tv_sec - s->start.tv_sec) * 1000 + (now.tv_nsec - s->start.tv_nsec) / 1000000,
		(int)signals, s->text);
	if (write(1, line, (size_t)n) < 0)
		exit(2);
}

static int main_resume(void);
static const struct table main_table = {TABLE(21, 1, 2),
	.vars = {VAR(0, sizeof(struct state), DSU_PINNED)}, .cps = {{0}, LIVE(1)},
	.names = {"main", "s"}};
RESUMED_BY(main_table, main_resume);

static int real_main(int argc, char **argv, char **envp)
{
	struct state s;
	long r;
	struct ctx c SAVED = {.d = &main_table.func, .p = {&s}};

	(void)envp;
	set_up(&s, argc, argv);
	errno = 0;
	c.cp = 1;
	r = issue(&s);
	tell(&s, r);
	c.done = 1;
	return 0;
}

static int main_resume(void)
{
	int cp;
	long r;
	struct state *s;
	const char *rec = dsu_pop(&main_table.func, &cp);

	TAKE(rec, s);
	{
		struct ctx c SAVED = {.d = &main_table.func, .p = {s}};

		c.cp = 1;
		r = issue(s);
		tell(s, r);
		c.done = 1;
		return 0;
	}
}

int main(int argc, char **argv, char **envp)
{
	return dsu_run_main(real_main, argc, argv, envp, 0);
}
