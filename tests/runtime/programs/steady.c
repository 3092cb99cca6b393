/*
 * steady.c - a family of argv[1] processes of argv[2] threads each, in two versions (-D NEW). Each
 * thread answers a byte on its socket by its version, and by how deep its stack is at that moment. The
 * descriptors follow in argv, process by process. With -D RACY they count together, without a lock. For
 * dsucc.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef NEW
# define VERSION "new"
#else
# define VERSION "old"
#endif

#ifdef RACY
static long together;
#endif

struct job {
	int fd;
	long top; /* where its stack began */
	long asked;
};

static __attribute__((noinline)) long here(void)
{
	char c;

	__asm__ volatile("" : : "r"(&c) : "memory");
	return (long)&c;
}

static void reply(const struct job *j, char what)
{
	char text[100];
	int n = snprintf(text, sizeof text, "%s %ld %ld %c\n", VERSION, j->asked, j->top - here(), what);

	if (write(j->fd, text, (size_t)n) != n)
		_exit(3);
}

/* Active in each thread whenever the program is updated, with pinned variables. */
static void *serve(void *arg)
{
	struct job *j = arg;
	char buf[200];

	while (read(j->fd, buf, sizeof buf) > 0) {
		j->asked++;
#ifdef RACY
		together++;
#endif
		reply(j, buf[0]);
#ifdef NEW
		if (buf[0] == 'q')
			break;
#endif
	}
	return NULL;
}

static void *begin(void *arg)
{
	struct job *j = arg;

	j->top = here();
	return serve(j);
}

static void run_process(char **fds, int threads)
{
	static struct job jobs[1024];
	pthread_t t;

	for (int i = 0; i < threads; i++) {
		jobs[i].fd = atoi(fds[i]);
		jobs[i].asked = 0;
		if (i && pthread_create(&t, NULL, begin, &jobs[i]))
			_exit(4);
	}
	begin(&jobs[0]);
}

int main(int argc, char **argv)
{
	int processes = atoi(argv[1]), threads = atoi(argv[2]), mine = 0;
	const char *comma = strchr(argv[2], ',');
	int others = comma ? atoi(comma + 1) : threads;

	if (argc != 3 + threads + (processes - 1) * others)
		return 2;
	while (mine < processes - 1 && fork() != 0)
		mine++;
	if (mine == 0)
		run_process(argv + 3, threads);
	run_process(argv + 3 + threads + (mine - 1) * others, others);
	return 0;
}
