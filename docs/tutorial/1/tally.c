/* A small server: counts the lines that each client sends, and tells it. One process a client. */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *greeting = "tally 1";

static int read_line(int fd, char *line, size_t size)
{
	size_t n = 0;

	while (n + 1 < size) {
		ssize_t got = read(fd, line + n, 1);

		if (got <= 0)
			return -1;
		if (line[n] == '\n')
			break;
		n++;
	}
	line[n] = '\0';
	return (int)n;
}

static void reply(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		ssize_t sent = write(fd, text, left);

		if (sent < 0)
			exit(1);
		text += sent;
		left -= (size_t)sent;
	}
}

static void serve(int fd)
{
	char line[256], answer[300];
	int lines = 0;

	snprintf(answer, sizeof answer, "%s\n", greeting);
	reply(fd, answer);
	while (read_line(fd, line, sizeof line) >= 0) {
		lines++;
		snprintf(answer, sizeof answer, "%d lines\n", lines);
		reply(fd, answer);
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	int yes = 1, listener = socket(AF_INET, SOCK_STREAM, 0);

	signal(SIGCHLD, SIG_IGN);
	address.sin_port = htons((unsigned short)(argc > 1 ? atoi(argv[1]) : 7777));
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 16)) {
		perror("tally");
		return 1;
	}
	for (;;) {
		int client = accept(listener, NULL, NULL);

		if (client >= 0 && fork() == 0) {
			close(listener);
			serve(client);
			return 0;
		}
		close(client);
	}
}
