/*
 * beneath.c - a thread waits, beneath qsort(), for a lock whose holder waits for input for argv[1]
 * milliseconds. For dsucc.
 */
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int compared;

static int compare(const void *a, const void *b)
{
	pthread_mutex_lock(&mutex);
	compared++;
	pthread_mutex_unlock(&mutex);
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
	pthread_t t;
	char line[8];

	pthread_mutex_lock(&mutex);
	pthread_create(&t, NULL, sorter, NULL);
	usleep(50000);
	if (write(1, "ready\n", 6) != 6)
		return 2;
	poll(&in, 1, argc > 1 ? atoi(argv[1]) : 0);
	pthread_mutex_unlock(&mutex);
	if (read(0, line, sizeof line) <= 0)
		return 2;
	printf("%d\n", compared);
	return 0;
}
