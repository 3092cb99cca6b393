/* pthread_exit and cancellation unwind through instrumented frames without saving anything. */
/* dsu: flags -pthread */
/* dsu: no updates */
#include <pthread.h>
#include <unistd.h>

#include "case.h"

static int cleaned;

static void clean(void *p)
{
	cleaned += *(int *)p;
}

static NOINLINE void deep(int n)
{
	int local = n;

	pthread_cleanup_push(clean, &local);
	if (n == 0)
		pthread_exit((void *)7);
	deep(n - 1);
	hop(local);
	pthread_cleanup_pop(1);
}

static void *leaver(void *arg)
{
	deep((int)(long)arg);
	return NULL;
}

static void *sleeper(void *arg)
{
	int value = 1000;

	pthread_cleanup_push(clean, &value);
	for (;;)
		usleep(1000 * hop(1));
	pthread_cleanup_pop(0);
	return arg;
}

int main(void)
{
	pthread_t a, b;
	void *r, *s;

	pthread_create(&a, NULL, leaver, (void *)4L);
	pthread_join(a, &r);
	pthread_create(&b, NULL, sleeper, NULL);
	pthread_cancel(b);
	pthread_join(b, &s);
	printf("%ld %d %d\n", (long)r, s == PTHREAD_CANCELED, cleaned);
	return 0;
}
