/*
 * forkers.c - forks short-lived chains of processes for argv[1] seconds, and counts the chains
 * that ended as they should. Plain C, for dsucc.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void chain(int more)
{
	int fd[2], status;
	char b;

	if (more > 0 && fork() == 0) {
		chain(more - 1);
		_exit(0);
	}
	if (pipe(fd) || write(fd[1], "x", 1) != 1 || read(fd[0], &b, 1) != 1)
		_exit(4);
	close(fd[0]);
	close(fd[1]);
	while (wait(&status) > 0)
		if (status)
			_exit(5);
}

int main(int argc, char **argv)
{
	time_t end = time(NULL) + (argc > 1 ? atoi(argv[1]) : 1);
	int status;
	long n = 0;

	while (time(NULL) < end) {
		pid_t pid = fork();

		if (pid == 0) {
			chain(3);
			_exit(0);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
			return 1;
		n++;
	}
	printf("%ld chains\n", n);
	return 0;
}
