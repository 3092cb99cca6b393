/* Threads with mutex and join: the same output; workers compute on their own stacks. */
/* dsu: flags -pthread */
/* dsu: no updates */
#include <pthread.h>

#include "case.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long total;
static __thread int mine;

static long work(int n)
{
	return n < 2 ? n : work(n - 1) + work(n - 2);
}

static void *worker(void *arg)
{
	int n = *(int *)arg;
	long r = work(n);

	mine += n;
	pthread_mutex_lock(&lock);
	total += r + mine;
	pthread_mutex_unlock(&lock);
	if (n == 12)
		pthread_exit((void *)5);
	return (void *)(long)hop(n);
}

int main(void)
{
	pthread_t threads[4];
	int args[4] = { 10, 11, 12, 13 };
	long results = 0;

	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, worker, &args[i]);
	for (int i = 0; i < 4; i++) {
		void *r;

		pthread_join(threads[i], &r);
		results = results * 100 + (long)r;
	}
	printf("%ld %ld %d\n", total, results, mine);
	return 0;
}
