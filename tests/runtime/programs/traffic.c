/*
 * traffic.c - threads that wake each other all the time: pairs that pass a token, a queue, readers
 * and a writer, a barrier. A lost wake-up stops the traffic, a spurious one is counted. Until a line
 * comes; then the books must balance. For dsucc.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PAIRS 4
#define ROOM  8
#define TEAM  3
#define CROWD 5

static volatile int stop;
static int spurious;

/* ---- a token goes to and fro ---- */

static struct pair {
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	int turn;
	long passed[2];
} pairs[PAIRS];

struct side {
	struct pair *pair;
	int side;
};

static void *pass(void *arg)
{
	struct side *s = arg;
	struct pair *p = s->pair;

	pthread_mutex_lock(&p->mutex);
	while (!stop) {
		int waits = 0;

		while (p->turn != s->side && !stop) {
			if (waits++)
				__atomic_add_fetch(&spurious, 1, __ATOMIC_RELAXED);
			pthread_cond_wait(&p->cond, &p->mutex);
		}
		p->passed[s->side]++;
		p->turn = !s->side;
		pthread_cond_signal(&p->cond);
	}
	pthread_cond_broadcast(&p->cond);
	pthread_mutex_unlock(&p->mutex);
	return NULL;
}

/* ---- a queue with room for a few ---- */

static pthread_mutex_t qmutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t not_empty = PTHREAD_COND_INITIALIZER, not_full = PTHREAD_COND_INITIALIZER;
static long queue[ROOM], put_in, taken_out, sum_in, sum_out;
static int producing = TEAM;

static void *produce(void *arg)
{
	for (long n = 1; !stop; n++) {
		pthread_mutex_lock(&qmutex);
		while (put_in - taken_out == ROOM)
			pthread_cond_wait(&not_full, &qmutex);
		queue[put_in++ % ROOM] = n;
		sum_in += n;
		pthread_cond_signal(&not_empty);
		pthread_mutex_unlock(&qmutex);
	}
	pthread_mutex_lock(&qmutex);
	producing--;
	pthread_cond_broadcast(&not_empty);
	pthread_mutex_unlock(&qmutex);
	return arg;
}

static void *consume(void *arg)
{
	pthread_mutex_lock(&qmutex);
	for (;;) {
		while (put_in == taken_out && producing)
			pthread_cond_wait(&not_empty, &qmutex);
		if (put_in == taken_out)
			break;
		sum_out += queue[taken_out++ % ROOM];
		pthread_cond_signal(&not_full);
	}
	pthread_mutex_unlock(&qmutex);
	return arg;
}

/* ---- readers must see both halves alike ---- */

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static volatile long half[2];

static void *read_both(void *arg)
{
	while (!stop) {
		pthread_rwlock_rdlock(&rwlock);
		if (half[0] != half[1])
			abort();
		pthread_rwlock_unlock(&rwlock);
	}
	return arg;
}

static void *write_both(void *arg)
{
	while (!stop) {
		pthread_rwlock_wrlock(&rwlock);
		half[0]++;
		usleep(10); /* an update point with the lock held */
		half[1]++;
		pthread_rwlock_unlock(&rwlock);
	}
	return arg;
}

/* ---- rounds that all begin together ---- */

static pthread_barrier_t barrier;
static sem_t rounds;
static long steps[CROWD];
static int over;

static void *step(void *arg)
{
	long *mine = arg;

	do {
		(*mine)++;
		if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD) {
			for (int i = 0; i < CROWD; i++)
				if (steps[i] != *mine)
					abort();
			over = stop;
			sem_post(&rounds);
		}
		pthread_barrier_wait(&barrier);
	} while (!over);
	return NULL;
}

static void *count_rounds(void *arg)
{
	long *n = arg;

	do {
		sem_wait(&rounds);
		++*n;
	} while (!over);
	while (sem_trywait(&rounds) == 0) /* it may be some rounds behind */
		++*n;
	return NULL;
}

static pthread_t threads[64];
static int nthreads;

static void start(void *(*f)(void *), void *arg)
{
	if (pthread_create(&threads[nthreads++], NULL, f, arg))
		exit(3);
}

int main(void)
{
	struct side sides[2 * PAIRS];
	long counted = 0, passed = 0;
	char line[8];

	pthread_barrier_init(&barrier, NULL, CROWD);
	sem_init(&rounds, 0, 0);
	for (int i = 0; i < 2 * PAIRS; i++) {
		sides[i].pair = &pairs[i / 2];
		sides[i].side = i % 2;
		start(pass, &sides[i]);
	}
	for (int i = 0; i < TEAM; i++) {
		start(produce, NULL);
		start(consume, NULL);
		start(read_both, NULL);
	}
	start(write_both, NULL);
	for (int i = 0; i < CROWD; i++)
		start(step, &steps[i]);
	start(count_rounds, &counted);
	printf("ready\n");
	fflush(stdout);
	if (read(0, line, sizeof line) <= 0)
		return 2;
	stop = 1;
	for (int i = 0; i < PAIRS; i++) {
		pthread_mutex_lock(&pairs[i].mutex);
		pthread_cond_broadcast(&pairs[i].cond);
		pthread_mutex_unlock(&pairs[i].mutex);
	}
	for (int i = 0; i < nthreads; i++)
		pthread_join(threads[i], NULL);
	if (pthread_barrier_destroy(&barrier) || half[0] != half[1])
		abort();
	for (int i = 0; i < PAIRS; i++)
		passed += pairs[i].passed[0] + pairs[i].passed[1];
	printf("%d %d %d %d %d %d\n", passed > 100, spurious, sum_in == sum_out, put_in > 100,
		steps[0] > 10, labs(counted - steps[0]) <= 1);
	return 0;
}
