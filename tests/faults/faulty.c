/*
 * faulty.c - a family of servers, one a descriptor named on the command line, in two versions (-D
 * NEW). Each counts what it is asked and what signals it got; the old ones are on every stack when
 * it is updated. For dsucc.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static volatile sig_atomic_t signals;

static void on_signal(int sig)
{
	(void)sig;
	signals++;
}

static void reply(int fd, int count)
{
	char text[100];
#ifdef NEW
	int n = snprintf(text, sizeof text, "new %d %d\n", count, (int)signals);
#else
	int n = snprintf(text, sizeof text, "old %d %d\n", count, (int)signals);
#endif

	if (write(fd, text, (size_t)n) != n)
		_exit(3);
}

static int serve(int fd)
{
	int count = 0;
	char buf[64];

	while (read(fd, buf, sizeof buf) > 0) {
		count++;
		reply(fd, count);
#ifdef NEW
		if (buf[0] == 'q')
			return 1;
#endif
	}
	return 0;
}

int main(int argc, char **argv)
{
	int mine = 1;

	signal(SIGUSR1, on_signal);
	signal(SIGCHLD, SIG_IGN);
	for (int i = 2; i < argc; i++)
		if (fork() == 0) {
			mine = i;
			break;
		}
	for (int i = 1; i < argc; i++)
		if (i != mine)
			close(atoi(argv[i]));
	return serve(atoi(argv[mine]));
}
