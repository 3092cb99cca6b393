/*
 * family.c - a family of servers, one a descriptor named on the command line; all but the first
 * are forked, and lock themselves into a sandbox that kills for nearly every system call.
 *
 * family [-u] FD...      -u: no sandbox
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "serve.h"

int total;
extern pid_t dsu_sys_fork(void);

#define ALLOW(nr)                                            \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##nr, 0, 1), \
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static void lock_in(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		ALLOW(read),
		ALLOW(write),
		ALLOW(exit_group),
		ALLOW(rt_sigreturn),
		ALLOW(exit),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	struct sock_fprog prog = {LEN(code), code};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
		prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog)) {
		perror("seccomp");
		exit(77);
	}
}

__attribute__((noinline)) void reply(int fd, int count, const char *asked)
{
	char text[100];
	size_t n = 0;

	(void)asked;
	memcpy(text, "old ", 4);
	n = 4;
	text[n++] = (char)('0' + count / 10 % 10);
	text[n++] = (char)('0' + count % 10);
	text[n++] = '\n';
	if (write(fd, text, n) < 0)
		_exit(9);
}

static int serve_resume(void);
static const struct table serve_table = SERVE_TABLE(11);
RESUMED_BY(serve_table, serve_resume);

__attribute__((noinline)) int serve(int fd)
{
	int count = 0;
	char buf[64];
	ssize_t n;
	struct ctx c SAVED = {.d = &serve_table.func, .p = {&fd, &count, buf}};

	SERVE_BODY(l1)
	goto l1;
}

static int serve_resume(void)
{
	int cp, fd, count;
	char *buf;
	ssize_t n;
	const char *r = dsu_pop(&serve_table.func, &cp);

	TAKE(r, fd);
	TAKE(r, count);
	TAKE(r, buf);
	{
		struct ctx c SAVED = {.d = &serve_table.func, .p = {&fd, &count, buf}};

		c.cp = 1;
		goto l1;
		SERVE_BODY(l1)
	}
}

/* ---- main: one continuation point, the call of serve() ---- */

static int main_resume(void);
static const struct table main_table = {
	TABLE(12, 0, 2), .cps = {{0}, LIVE(0)}, .names = {"main"}};
RESUMED_BY(main_table, main_resume);

static int real_main(int argc, char **argv, char **envp)
{
	int sandbox = 1, first = 1, fd, t;
	struct ctx c SAVED = {.d = &main_table.func};

	(void)envp;
	if (argc > 1 && !strcmp(argv[1], "-u")) {
		sandbox = 0;
		first++;
	}
	if (argc <= first)
		return 2;
	fd = atoi(argv[first]);
	for (int i = first + 1; i < argc; i++)
		if (dsu_sys_fork() == 0) {
			fd = atoi(argv[i]);
			if (sandbox)
				lock_in();
			break;
		}
	c.cp = 1;
	t = serve(fd);
	c.done = 1;
	_exit(t < 0);
}

static int main_resume(void)
{
	int cp, t;

	dsu_pop(&main_table.func, &cp);
	{
		struct ctx c SAVED = {.d = &main_table.func};

		c.cp = 1;
		t = ((int (*)(void *const *))dsu_next())(NULL);
		c.done = 1;
		_exit(t < 0);
	}
}

int main(int argc, char **argv, char **envp)
{
	return dsu_run_main(real_main, argc, argv, envp, 0);
}
