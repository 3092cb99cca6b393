/* fork, pipes, wait: parent and children each go on with their own copy. */
/* dsu: updates */
#include <sys/wait.h>
#include <unistd.h>

#include "case.h"

static int child(int n, int out)
{
	char text[32];
	int len = sprintf(text, "child %d: %d\n", n, hop(n) * 10);

	return write(out, text, (size_t)len) == len ? hop(n) : 99;
}

int main(void)
{
	int status, fds[2], sum = 0;
	char text[64];

	for (int i = 1; i < 4; i++) {
		ssize_t got, n = 0;
		pid_t pid;

		if (pipe(fds))
			return 1;
		fflush(stdout);
		pid = fork();
		if (pid == 0) {
			close(fds[0]);
			_exit(child(i, fds[1]));
		}
		close(fds[1]);
		while ((got = read(fds[0], text + n, sizeof text - 1 - (size_t)n)) > 0)
			n += got;
		text[n] = 0;
		close(fds[0]);
		if (waitpid(pid, &status, 0) != pid)
			return 2;
		sum += WEXITSTATUS(status);
		printf("%s%d\n", text, sum);
	}
	return hop(sum);
}
