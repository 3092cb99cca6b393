/*
 * beneath.c - a thread, or with argv[2] a process, waits, beneath qsort(), for a lock whose holder waits
 * for input for argv[1] milliseconds. Another thread looks how long it is kept from running. For dsucc.
 */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static struct shared {
	pthread_mutex_t mutex;
	int compared;
} * shared;

static long stood; /* ms */

static long now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void *watcher(void *unused)
{
	for (;;) {
		long since = now();

		usleep(1000);
		if (now() - since > 50)
			__atomic_add_fetch(&stood, now() - since, __ATOMIC_SEQ_CST);
	}
	return unused;
}

static int compare(const void *a, const void *b)
{
	pthread_mutex_lock(&shared->mutex);
	shared->compared++;
	pthread_mutex_unlock(&shared->mutex);
	return *(const int *)a - *(const int *)b;
}

static void *sorter(void *unused)
{
	int numbers[] = {2, 1};

	qsort(numbers, 2, sizeof *numbers, compare);
	for (;;)
		pause();
	return unused;
}

int main(int argc, char **argv)
{
	struct pollfd in = {.fd = 0, .events = POLLIN};
	pthread_mutexattr_t attributes;
	pthread_t t, w;
	pid_t child = 0;
	char line[8];

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutex_init(&shared->mutex, &attributes);
	pthread_mutex_lock(&shared->mutex);
	if (argc < 3)
		pthread_create(&t, NULL, sorter, NULL);
	else if (!(child = fork()))
		sorter(NULL);
	pthread_create(&w, NULL, watcher, NULL);
	usleep(50000);
	if (write(1, "ready\n", 6) != 6)
		return 2;
	poll(&in, 1, argc > 1 ? atoi(argv[1]) : 0);
	pthread_mutex_unlock(&shared->mutex);
	if (read(0, line, sizeof line) <= 0)
		return 2;
	printf("%d %ld\n", shared->compared, stood);
	if (child)
		kill(child, SIGKILL);
	return 0;
}
