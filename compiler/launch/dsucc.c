/*
 * dsucc.c - starts the compiler: hands the command to a server that has it loaded, or runs it.
 *
 * Usage: as gcc. DSU_PYTHON names the interpreter, DSU_SERVER=0 asks for no server. The socket's
 * name holds the state of the compiler's files, so an edited compiler gets a server of its own.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef PACKAGE_ROOT
# error "PACKAGE_ROOT: the folder that holds the package dsucc"
#endif
#ifndef PYTHON
# define PYTHON "python3"
#endif

extern char **environ;

static const char *interpreter(void)
{
	const char *named = getenv("DSU_PYTHON");

	return named ? named : PYTHON;
}

/* Sets PYTHONPATH for a child; the user's own environment goes to the server untouched. */
static void find_package(void)
{
	setenv("PYTHONPATH", PACKAGE_ROOT, 1);
	setenv("PYTHONDONTWRITEBYTECODE", access(PACKAGE_ROOT "/dsucc", W_OK) ? "1" : "", 1);
}

static void run_directly(char **argv)
{
	char **args = calloc((size_t)argv[0] ? 4096 : 4, sizeof *args);
	size_t n = 0, room = 4096;

	args[n++] = (char *)interpreter();
	args[n++] = "-m";
	args[n++] = "dsucc.cli";
	for (argv++; *argv; argv++) {
		if (n + 1 >= room)
			args = realloc(args, (room *= 2) * sizeof *args);
		args[n++] = *argv;
	}
	args[n] = NULL;
	find_package();
	execvp(args[0], args);
	fprintf(stderr, "dsucc: cannot run %s (DSU_PYTHON names another interpreter)\n", args[0]);
	exit(127);
}

static uint64_t mix(uint64_t h, uint64_t v)
{
	for (int i = 0; i < 8; i++, v >>= 8)
		h = (h ^ (v & 0xff)) * 0x100000001b3ull;
	return h;
}

/* The sum does not depend on the order in which a folder lists its files. */
static uint64_t state_of(const char *folder, const char *ending)
{
	uint64_t sum = 0;
	struct dirent *e;
	struct stat st;
	DIR *d = opendir(folder);

	while (d && (e = readdir(d)))
		if (strstr(e->d_name, ending) && !fstatat(dirfd(d), e->d_name, &st, 0))
			sum += mix(mix(st.st_ino, (uint64_t)st.st_mtim.tv_sec),
				(uint64_t)st.st_mtim.tv_nsec);
	if (d)
		closedir(d);
	return sum;
}

/* A folder that only this user can reach; 0: there is none, go without a server. */
static int socket_path(char *path, size_t size)
{
	const char *base = getenv("XDG_RUNTIME_DIR");
	uint64_t h = state_of(PACKAGE_ROOT "/dsucc", ".py") +
		     state_of(PACKAGE_ROOT "/../runtime/include", ".h");
	char folder[96];
	struct stat st;

	for (const char *p = interpreter(); *p; p++)
		h = mix(h, (uint64_t)*p);
	if ((size_t)snprintf(folder, sizeof folder, "%s/dsucc-%u", base ? base : "/tmp",
		    getuid()) >= sizeof folder)
		return 0;
	mkdir(folder, 0700);
	if (lstat(folder, &st) || !S_ISDIR(st.st_mode) || st.st_uid != getuid() || st.st_mode & 077)
		return 0;
	return (size_t)snprintf(path, size, "%s/%016llx", folder, (unsigned long long)h) < size;
}

static void start_server(const char *path)
{
	int null;

	if (fork())
		return;
	setsid();
	null = open("/dev/null", O_RDWR);
	dup2(null, 0);
	dup2(null, 1);
	dup2(null, 2);
	for (int fd = 3; fd < 256; fd++)
		close(fd); /* make's job server among them */
	if (chdir("/"))
		_exit(1);
	find_package();
	execlp(interpreter(), interpreter(), "-m", "dsucc.server", path, (char *)NULL);
	_exit(1);
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof address.sun_path)
		return -1;
	strcpy(address.sun_path, path);
	if (!connect(fd, (struct sockaddr *)&address, sizeof address))
		return fd;
	close(fd);
	return -1;
}

struct text {
	char *at;
	size_t n, room;
};

static void add(struct text *t, const char *s)
{
	size_t n = strlen(s) + 1;

	if (t->n + n > t->room)
		t->at = realloc(t->at, t->room = 2 * (t->n + n));
	memcpy(t->at + t->n, s, n);
	t->n += n;
}

static struct text request(char **argv)
{
	struct text t = {0};
	char word[PATH_MAX], *here = getcwd(word, sizeof word);
	mode_t mask = umask(0);
	int n = 0;

	umask(mask);
	add(&t, here ? here : "/");
	snprintf(word, sizeof word, "%o", (unsigned)mask);
	add(&t, word);
	while (argv[n + 1])
		n++;
	snprintf(word, sizeof word, "%d", n);
	add(&t, word);
	for (int i = 1; i <= n; i++)
		add(&t, argv[i]);
	for (char **e = environ; *e; e++)
		add(&t, *e);
	return t;
}

static int send_request(int fd, const struct text *t)
{
	uint64_t size = t->n;
	int fds[3] = {0, 1, 2};
	union {
		char bytes[CMSG_SPACE(sizeof fds)];
		struct cmsghdr align;
	} control = {0};
	struct iovec head = {&size, sizeof size};
	struct msghdr m = {.msg_iov = &head,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof control};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof fds);
	memcpy(CMSG_DATA(c), fds, sizeof fds);
	if (sendmsg(fd, &m, MSG_NOSIGNAL) != sizeof size)
		return -1;
	for (size_t done = 0; done < t->n;) {
		ssize_t n = send(fd, t->at + done, t->n - done, MSG_NOSIGNAL);

		if (n <= 0)
			return -1;
		done += (size_t)n;
	}
	return 0;
}

int main(int argc, char **argv)
{
	const char *wanted = getenv("DSU_SERVER");
	char path[108];
	unsigned char code;
	struct text t;
	int fd;

	(void)argc;
	if ((wanted && !strcmp(wanted, "0")) || fcntl(0, F_GETFD) < 0 || fcntl(1, F_GETFD) < 0 ||
		fcntl(2, F_GETFD) < 0 || !socket_path(path, sizeof path))
		run_directly(argv);
	fd = connect_to(path);
	if (fd < 0) {
		unlink(path); /* of a server that died */
		start_server(path);
		run_directly(argv);
	}
	t = request(argv);
	if (send_request(fd, &t))
		run_directly(argv);
	if (recv(fd, &code, 1, 0) == 1)
		return code;
	fprintf(stderr, "dsucc: the server ended in the middle; running directly\n");
	run_directly(argv);
}
