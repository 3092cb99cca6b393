/* Blocking calls are update points of their own: arguments with side effects are evaluated once. */
/* dsu: updates */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "case.h"

int main(void)
{
	int fds[2], i = 0, bad;
	char from[] = "0123456789", to[16] = "", *p = to;
	struct timespec ts = { 0, 1000 };
	ssize_t n;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds))
		return 1;
	for (i = 0; i < 10; i++)
		if (write(fds[0], &from[i], 1) != 1)
			return 2;
	while (p - to < 10) {
		struct pollfd pf = { .fd = fds[1], .events = POLLIN };

		if (poll(&pf, 1, -1) != 1 || !(pf.revents & POLLIN))
			return 3;
		n = read(fds[1], p++, 1);
		if (n != 1)
			return 4;
	}
	puts(to);
	nanosleep(&ts, NULL);
	bad = read(-1, to, 1) < 0 ? errno : 0;
	printf("%d %zd\n", bad == EBADF, send(fds[0], from, (size_t)hop(4), 0));
	printf("%zd\n", recv(fds[1], to, 16, 0));
	bad = shutdown(fds[0], SHUT_RDWR);
	printf("%d %zd\n", bad, read(fds[1], to, (size_t)(i++ ? 5 : 6)));
	printf("%d\n", i);
	return 0;
}
