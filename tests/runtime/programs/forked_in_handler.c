/*
 * forked_in_handler.c - a process that lives in a signal's handler of its parent's, as PostgreSQL's
 * auxiliary processes do; each answers lines. For dsucc.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int to_child[2];

static void answer(const char *who, int fd)
{
	char c;
	int n = 0;

	while (read(fd, &c, 1) == 1) {
		char text[32];
		int length = snprintf(text, sizeof text, "%s %c %d\n", who, c, ++n);

		if (write(1, text, (size_t)length) != length)
			exit(2);
	}
}

static void on_usr1(int sig)
{
	(void)sig;
	if (fork() == 0) {
		close(to_child[1]);
		answer("child", to_child[0]);
		exit(0);
	}
}

int main(void)
{
	char c;

	if (pipe(to_child))
		return 2;
	signal(SIGUSR1, on_usr1);
	raise(SIGUSR1);
	while (read(0, &c, 1) == 1) {
		if (c >= 'a' && write(to_child[1], &c, 1) != 1)
			return 2;
		if (c < 'a')
			printf("parent %c\n", c), fflush(stdout);
	}
	return 0;
}
