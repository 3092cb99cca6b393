/*
 * reaper.c - a server that starts a worker anew whenever one ends, and reaps it at once. The new
 * version's worker does not survive a request.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef NEW
# define VERSION "new"
#else
# define VERSION "old"
#endif

static void answer(const char *asked)
{
#ifdef NEW
	if (*asked == '!')
		abort();
#endif
	if (*asked == 'q')
		_exit(0);
	printf(VERSION "\n");
	fflush(stdout);
}

static void work(void)
{
	char c;

	while (read(0, &c, 1) == 1)
		answer(&c);
	_exit(0);
}

int main(void)
{
	for (;;) {
		pid_t pid = fork();

		if (pid == 0)
			work();
		while (waitpid(pid, NULL, 0) != pid)
			;
	}
}
