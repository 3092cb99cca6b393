#include <pthread.h>

#include "serve.h"

/* Each thread has its own tally; others may point to it, and it may lead to what changes. */
#define MOST 8

struct item {
	long serial;
	int number;
	struct item *next;
};

struct tally {
	long sum;
	int added;
	struct item *items;
	struct tally *before; /* of the thread that began before */
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static __thread struct tally mine = {100, 0, NULL, NULL};
static __thread struct item *last;
static __thread int fresh = 4711;
static __thread char zero[40];
static struct tally *all[MOST];
static int turn = -1, threads;

static int count(void)
{
	static __thread int times = 0;

	return ++times;
}

static void add(int number)
{
	struct item *i = malloc(sizeof *i);

	i->number = number;
	i->next = mine.items;
	mine.items = last = i;
	mine.sum += number;
	i->serial = ++mine.added;
	zero[39]++;
	fresh++;
}

static int listed(const struct tally *t)
{
	int n = 0;

	for (const struct item *i = t->items; i; i = i->next)
		n += i->number;
	return n;
}

static void report(int id)
{
	answer("new %d: %ld %d %d %d, before %ld, is %d; %d %d %d", id, mine.sum, listed(&mine), last->number,
		count(), mine.before ? mine.before->sum : 0, all[id] == &mine,
		mine.added, fresh, zero[39]);
}

static void *worker(void *arg)
{
	int id = (int)(long)arg;

	mine.before = id ? all[id - 1] : NULL;
	pthread_mutex_lock(&mutex);
	all[id] = &mine;
	pthread_cond_broadcast(&changed);
	for (;;) {
		while (turn != id)
			pthread_cond_wait(&changed, &mutex);
		add(10 * id + 1);
		report(id);
		turn = -1;
		pthread_cond_broadcast(&changed);
	}
	return NULL;
}

static void begin(void)
{
	pthread_t t;

	pthread_create(&t, NULL, worker, (void *)(long)threads);
	pthread_mutex_lock(&mutex);
	while (!all[threads])
		pthread_cond_wait(&changed, &mutex);
	threads++;
	pthread_mutex_unlock(&mutex);
}

int main(void)
{
	char line[64];

	mine.sum = 7;
	begin();
	begin();
	begin();
	while (ask(line, sizeof line)) {
		if (line[0] == 'n')
			begin();
		pthread_mutex_lock(&mutex);
		turn = line[0] == 'n' ? threads - 1 : atoi(line);
		pthread_cond_broadcast(&changed);
		while (turn >= 0)
			pthread_cond_wait(&changed, &mutex);
		pthread_mutex_unlock(&mutex);
	}
	return (int)mine.sum;
}
