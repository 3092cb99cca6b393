/* Fortified headers define read() inline: it is a blocking call all the same, and a point. */
/* dsu: flags -D_FORTIFY_SOURCE=2 */
/* dsu: updates */
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static int take(int fd, char *to, size_t size)
{
	ssize_t got = read(fd, to, size);

	return got < 0 ? -1 : (int)got;
}

static int peek(int fd, char *to, size_t size)
{
	return (int)recv(fd, to, size, MSG_PEEK);
}

int main(void)
{
	int pair[2], seen, sum = 0;
	char text[16];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return 1;
	for (int i = 0; i < 5; i++) {
		if (write(pair[0], "abcdefg", (size_t)(i + 1)) != i + 1)
			return 1;
		seen = peek(pair[1], text, sizeof text);
		sum += seen * 10 + take(pair[1], text, sizeof text);
	}
	printf("%d %c\n", sum, text[0]);
	return 0;
}
