/*
 * leaving.c - processes of several threads that end in all the ways there are, for argv[1] seconds: by
 * exit() and _exit() of any thread while the others work or wait, by main()'s return, thread by thread.
 * Counts those that ended with their own status and had run their handlers as often as they should.
 * Plain C, for dsucc.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define THREADS 5
#define WAYS	6

struct seen {
	int handlers, thread_ends, at_quick;
};

static struct seen *seen;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_key_t key;
static pthread_t first;
static int way, empty_pipe[2];

/* Passes update points, beneath a frame of libc's. */
static void handler(void)
{
	usleep(1000);
	seen->handlers++;
}

static void at_quick(void)
{
	seen->at_quick++;
}

static void thread_ends(void *p)
{
	usleep(500);
	__atomic_add_fetch(&seen->thread_ends, 1, __ATOMIC_SEQ_CST);
	(void)p;
}

/* Locks, waits, works: where the others are when it ends. */
static void work(int id)
{
	char b;

	for (int i = 0; i < 3 + id; i++) {
		pthread_mutex_lock(&mutex);
		usleep(100);
		pthread_mutex_unlock(&mutex);
	}
	if (id % 2)
		while (read(empty_pipe[0], &b, 1) < 0)
			;
}

static void end_of_process(int deep)
{
	if (deep > 0)
		end_of_process(deep - 1);
	else if (way == 0)
		exit(10);
	else if (way == 1)
		_exit(11);
	else if (way == 5)
		quick_exit(15);
	deep++; /* no tail call */
}

static void *thread(void *arg)
{
	int id = (int)(long)arg;

	pthread_setspecific(key, &key);
	if (way == 4)
		usleep(300 * (unsigned)id);
	else
		work(id);
	if (way == 3 && id == 2) {
		pthread_join(first, NULL);
		exit(13);
	}
	if (way == 4)
		pthread_exit(NULL);
	if (id == 2) /* a second exit() would end the process under the first one's handlers */
		end_of_process(4);
	for (;;)
		pause();
}

static int life(void)
{
	pthread_t t;

	first = pthread_self();
	pthread_key_create(&key, thread_ends);
	atexit(handler);
	at_quick_exit(at_quick);
	for (long i = 0; i < THREADS; i++)
		if (pthread_create(&t, NULL, thread, (void *)i))
			_exit(99);
	if (way == 2) {
		usleep(1000);
		return 12;
	}
	if (way == 3 || way == 4)
		pthread_exit(NULL);
	for (;;)
		pause();
}

static int is_right(int status)
{
	static const int codes[WAYS] = {10, 11, 12, 13, 0, 15};

	if (!WIFEXITED(status) || WEXITSTATUS(status) != codes[way])
		return 0;
	if (seen->handlers != (way != 1 && way != 5) || seen->at_quick != (way == 5))
		return 0;
	return way != 4 || seen->thread_ends == THREADS;
}

int main(int argc, char **argv)
{
	time_t end = time(NULL) + (argc > 1 ? atoi(argv[1]) : 1);
	long n = 0;

	seen = mmap(NULL, sizeof *seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (pipe(empty_pipe) || seen == MAP_FAILED)
		return 2;
	for (; time(NULL) < end; n++, way = (way + 1) % WAYS) {
		int status = -1;
		pid_t pid;

		*seen = (struct seen){0, 0, 0};
		pid = fork();
		if (pid == 0)
			return life();
		if (pid < 0 || waitpid(pid, &status, 0) != pid || !is_right(status)) {
			printf("way %d: status %#x, %d handlers, %d at quick, %d threads' ends\n",
				way, (unsigned)status, seen->handlers, seen->at_quick,
				seen->thread_ends);
			return 1;
		}
	}
	printf("%ld ends\n", n);
	return 0;
}
