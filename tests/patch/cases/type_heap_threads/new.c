#include <pthread.h>

#include "serve.h"

/* Each worker's objects lie in a heap of its own; they point to those of others, freed ones included. */
#define WORKERS 3
#define SMALL   200
#define LARGE   800 /* of 100 KiB: glibc makes a second heap for the worker */

struct item {
	char more[200];
	long weight;
	struct item *next, *stale;
	char name[8];
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct item *items, *freed[WORKERS][SMALL];
static void *large[LARGE];
static int asked, answered;

static struct item *make(long weight)
{
	struct item *item = malloc(sizeof *item);

	*item = (struct item){.weight = weight, .next = items, .stale = freed[0][weight % SMALL],
		.name = "newer"};
	return item;
}

/* They look as if they were in use, and nobody takes them again before the update. */
static void leave_stale_ones(int id)
{
	for (int i = 0; i < SMALL; i++)
		freed[id][i] = make(i);
	for (int i = 0; i < SMALL; i++)
		free(freed[id][i]);
}

static void fill(int id)
{
	for (int i = 0; i < SMALL; i++)
		items = make(i);
	for (int i = 0; id == 0 && i < LARGE; i++)
		large[i] = malloc(100 << 10);
	items = make(1000);
	leave_stale_ones(id);
}

/* A block that has been freed twice is given twice: of the size that the stale ones had. */
static int blocks_are_apart(void)
{
	int *blocks[2 * SMALL], apart = 1;

	for (int i = 0; i < 2 * SMALL; i++)
		*(blocks[i] = malloc(40)) = i;
	for (int i = 0; i < 2 * SMALL; i++)
		apart &= *blocks[i] == i;
	return apart;
}

/* The one that it takes the place of comes from another worker. */
static void replace_first(long weight)
{
	struct item *gone = items;

	items = make(weight);
	items->next = gone->next;
	free(gone);
}

static void *worker(void *arg)
{
	int id = *(int *)arg;

	pthread_mutex_lock(&mutex);
	fill(id);
	answered++;
	for (;;) {
		pthread_cond_broadcast(&changed);
		while (asked <= answered || asked % WORKERS != id)
			pthread_cond_wait(&changed, &mutex);
		replace_first(blocks_are_apart() ? asked : 0);
		answered = asked;
	}
	return NULL;
}

static long sum(void)
{
	long all = 0;

	for (struct item *i = items; i; i = i->next)
		all += i->weight;
	return all;
}

int main(void)
{
	static int ids[WORKERS];
	pthread_t thread;
	char line[16];

	for (int i = 0; i < WORKERS; i++) {
		ids[i] = i;
		pthread_create(&thread, NULL, worker, &ids[i]);
	}
	pthread_mutex_lock(&mutex);
	while (answered < WORKERS)
		pthread_cond_wait(&changed, &mutex);
	asked = answered;
	pthread_mutex_unlock(&mutex);
	while (ask(line, sizeof line)) {
		pthread_mutex_lock(&mutex);
		asked++;
		pthread_cond_broadcast(&changed);
		while (answered != asked)
			pthread_cond_wait(&changed, &mutex);
		pthread_mutex_unlock(&mutex);
		answer("new %ld", sum());
	}
	return 0;
}
