#include <pthread.h>

#include "serve.h"

/* Lines go from worker to worker; each has its count on its stack, and its own way of waiting. */
#define WORKERS 6

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static char text[64];
static int turn = -1;
static __thread int mine;

static void wait_for_turn(int id)
{
	while (turn != id)
		pthread_cond_wait(&changed, &mutex);
}

static void pass_on(int to)
{
	turn = to;
	pthread_cond_broadcast(&changed);
}

static void *worker(void *arg)
{
	int id = *(int *)arg, count = 0;

	pthread_mutex_lock(&mutex);
	for (;;) {
		wait_for_turn(id);
		count++;
		mine += count;
		if (id == WORKERS - 1)
			answer("old %s %d %d", text, count, mine);
		pass_on(id + 1);
	}
	return NULL;
}

/* Waits all the time for what main() holds all the time. */
static void *reader(void *arg)
{
	pthread_rwlock_rdlock(&rwlock);
	return arg;
}

int main(void)
{
	static int ids[WORKERS];
	pthread_t thread;

	pthread_rwlock_wrlock(&rwlock);
	pthread_create(&thread, NULL, reader, NULL);
	for (int i = 0; i < WORKERS; i++) {
		ids[i] = i;
		pthread_create(&thread, NULL, worker, &ids[i]);
	}
	while (ask(text, sizeof text)) {
		pthread_mutex_lock(&mutex);
		pass_on(0);
		wait_for_turn(WORKERS);
		pthread_mutex_unlock(&mutex);
	}
	return 0;
}
