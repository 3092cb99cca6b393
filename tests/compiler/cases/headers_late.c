/* A function stands in front of the headers that declare what the runtime wraps. */
/* dsu: updates */
static inline int early(int (*f)(int), int n)
{
	return f ? f(n) : n;
}

static int first(int n)
{
	return early(0, n) + 1;
}

#include <unistd.h>

static int late_close(int fd)
{
	static int (*const closes)(int) = close;

	return closes(fd);
}

#include <fcntl.h>
#include <time.h>

#include "case.h"

int main(void)
{
	int fd[2];
	char c = 0;
	struct timespec moment = { 0, 1 };

	if (pipe(fd) || fcntl(fd[0], F_SETFD, FD_CLOEXEC))
		return 1;
	nanosleep(&moment, NULL);
	if (write(fd[1], "x", 1) != 1 || read(fd[0], &c, 1) != 1)
		return 2;
	printf("%c %d %d %d\n", c, first(early(hop, 2)), late_close(fd[0]), close(fd[1]));
	return 0;
}
