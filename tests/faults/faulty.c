/*
 * faulty.c - a family of servers, one a descriptor named on the command line, in two versions (-D
 * NEW). Each counts what it is asked and what signals it got; the old ones are on every stack when
 * it is updated. With -D CONVERTS the objects that it counts in are of another type in the new version.
 * For dsucc.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* What is counted, three times: on the heap, in a ring. */
struct counted {
#if defined NEW && defined CONVERTS
	long before;
#endif
	int count;
	struct counted *next;
#if defined NEW && defined CONVERTS
	char behind[100];
#endif
};

static volatile sig_atomic_t signals;
static struct counted *ring;

static void on_signal(int sig)
{
	(void)sig;
	signals++;
}

static void reply(int fd, int count)
{
	char text[100];
#ifdef NEW
	int n = snprintf(text, sizeof text, "new %d %d\n", count, (int)signals);
#else
	int n = snprintf(text, sizeof text, "old %d %d\n", count, (int)signals);
#endif

	if (write(fd, text, (size_t)n) != n)
		_exit(3);
}

static void join(void)
{
	struct counted *made = calloc(1, sizeof *made);

	if (!made)
		_exit(4);
	made->next = ring ? ring->next : made;
	if (ring)
		ring->next = made;
	ring = made;
}

/* -1: they differ. */
static int count(struct counted *one)
{
	struct counted *two = one->next, *three = two->next;

	if (one != ring || three->next != one || one->count != two->count || two->count != three->count)
		return -1;
	one->count++;
	two->count++;
	return ++three->count;
}

static int serve(int fd)
{
	struct counted *mine;
	char buf[64];

	for (int i = 0; i < 3; i++)
		join();
	mine = ring;
	while (read(fd, buf, sizeof buf) > 0) {
		reply(fd, count(mine));
#ifdef NEW
		if (buf[0] == 'q')
			return 1;
#endif
	}
	return 0;
}

int main(int argc, char **argv)
{
	int mine = 1;

	signal(SIGUSR1, on_signal);
	signal(SIGCHLD, SIG_IGN);
	for (int i = 2; i < argc; i++)
		if (fork() == 0) {
			mine = i;
			break;
		}
	for (int i = 1; i < argc; i++)
		if (i != mine)
			close(atoi(argv[i]));
	return serve(atoi(argv[mine]));
}
