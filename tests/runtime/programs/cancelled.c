/*
 * cancelled.c - threads that wait behind cleanup handlers and are cancelled after updates. For dsucc.
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static sem_t semaphore;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int empty_pipe[2], cleaned, unlocked, initialised, steps;

static void clean(void *p)
{
	if (*(int *)p != 4711)
		abort();
	__atomic_add_fetch(&cleaned, 1, __ATOMIC_SEQ_CST);
}

static void unlock(void *p)
{
	unlocked++; /* the mutex is ours */
	pthread_mutex_unlock(p);
}

static void initialise(void)
{
	usleep(300000);
	initialised++;
}

static void *in_cond(void *arg)
{
	pthread_mutex_lock(&mutex);
	pthread_cleanup_push(unlock, &mutex);
	for (;;)
		pthread_cond_wait(&cond, &mutex);
	pthread_cleanup_pop(1);
	return arg;
}

static int deeper(int n)
{
	volatile int local = 4711;
	char b;

	pthread_cleanup_push(clean, (void *)&local);
	if (n > 0)
		deeper(n - 1);
	else
		while (read(empty_pipe[0], &b, 1) < 0 && errno == EINTR)
			;
	pthread_cleanup_pop(0);
	return n;
}

static void *in_read(void *arg)
{
	deeper(3);
	return arg;
}

static void *in_sem(void *arg)
{
	int local = 4711;

	pthread_cleanup_push(clean, &local);
	sem_wait(&semaphore);
	pthread_cleanup_pop(0);
	return arg;
}

static void *in_join(void *arg)
{
	int local = 4711;
	pthread_t *other = arg;

	pthread_cleanup_push(clean, &local);
	pthread_join(*other, NULL);
	pthread_cleanup_pop(0);
	return NULL;
}

/* Ends by itself, from deep within, after as many steps as there were lines. */
static void leave(int n)
{
	int local = 4711;
	char b;

	pthread_cleanup_push(clean, &local);
	if (n > 0)
		leave(n - 1);
	if (read(empty_pipe[0], &b, 1) == 1)
		steps++;
	pthread_exit(&steps);
	pthread_cleanup_pop(0);
}

static void *leaver(void *arg)
{
	pthread_once(&once, initialise);
	leave(2);
	return arg;
}

int main(void)
{
	pthread_t t[6], self = pthread_self();
	void *r;
	char line[8];
	int cancelled = 0, left = 0;

	if (pipe(empty_pipe))
		return 2;
	sem_init(&semaphore, 0, 0);
	pthread_create(&t[0], NULL, in_cond, NULL);
	pthread_create(&t[1], NULL, in_cond, NULL);
	pthread_create(&t[2], NULL, in_sem, NULL);
	pthread_create(&t[3], NULL, in_join, &self);
	pthread_create(&t[4], NULL, leaver, NULL);
	pthread_once(&once, initialise);
	printf("ready\n");
	fflush(stdout);
	if (read(0, line, sizeof line) <= 0 || write(empty_pipe[1], "x", 1) != 1)
		return 2;
	if (pthread_join(t[4], &r) || r != &steps || steps != 1)
		return 3;
	pthread_create(&t[5], NULL, in_read, NULL);
	printf("left %d %d\n", cleaned, initialised);
	fflush(stdout);
	left = cleaned;
	if (read(0, line, sizeof line) <= 0)
		return 2;
	for (int i = 0; i < 6; i++)
		if (i != 4)
			pthread_cancel(t[i]);
	for (int i = 0; i < 6; i++)
		if (i != 4)
			cancelled += !pthread_join(t[i], &r) && r == PTHREAD_CANCELED;
	if (pthread_mutex_trylock(&mutex))
		abort();
	printf("%d %d %d\n", cancelled, cleaned - left, unlocked);
	return 0;
}
