/*
 * threads.c - argv[1] threads of all kinds that work until a line comes, each on its own stack and
 * on cells of main()'s; then all of them are checked. Plain C, for dsucc.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct cell {
	long mine;           /* counted by its thread alone */
	volatile long *seen; /* a counter on the thread's own stack, read by main() */
	int id, ended;
};

static volatile int stop;
static __thread long local_count;
static pthread_key_t key;
static int destroyed;
static int woken[2];

static long deeper(struct cell *c, int depth, long *sum)
{
	long block[8];

	for (int i = 0; i < 8; i++)
		block[i] = c->id + i;
	if (depth > 0)
		*sum += deeper(c, depth - 1, &block[3]);
	else
		usleep(2000);
	for (int i = 0; i < 8; i++)
		if (i != 3 && block[i] != c->id + i)
			abort();
	return 1;
}

static void round_of(struct cell *c, volatile long *seen)
{
	long sum = 0;

	deeper(c, c->id % 5, &sum);
	if (sum != (c->id % 5 > 0))
		abort();
	c->mine++;
	local_count++;
	(*seen)++;
}

static void *worker(void *arg)
{
	struct cell *c = arg;
	volatile long seen = 0;

	pthread_setspecific(key, c);
	c->seen = &seen;
	while (!stop)
		round_of(c, &seen);
	if (seen != c->mine || local_count != seen || pthread_getspecific(key) != c)
		abort();
	c->seen = NULL;
	if (c->id % 3 == 0)
		pthread_exit(c);
	return c;
}

/* Sits in a read() all the time, as a server's thread that waits for a client. */
static void *sleeper(void *arg)
{
	struct cell *c = arg;
	char b = 0;

	if (read(woken[0], &b, 1) != 1 || b != 'x')
		abort();
	c->mine++;
	return c;
}

static void *brief(void *arg)
{
	volatile long seen = 0;
	struct cell c = {.id = 2};

	round_of(&c, &seen);
	return arg;
}

static void destroy(void *p)
{
	struct cell *c = p;

	c->ended = 1;
	usleep(100); /* no base frame is left beneath this */
	__atomic_add_fetch(&destroyed, 1, __ATOMIC_SEQ_CST);
}

static void make(pthread_t *to, struct cell *c, int id)
{
	pthread_attr_t attr;

	memset(c, 0, sizeof *c);
	c->id = id;
	pthread_attr_init(&attr);
	if (id % 4 == 1)
		pthread_attr_setstacksize(&attr, 128 << 10);
	if (id % 4 == 2)
		pthread_attr_setstack(&attr,
			mmap(NULL, 256 << 10, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				-1, 0),
			256 << 10);
	if (id % 4 == 3 || pthread_create(to, &attr, worker, c))
		if (pthread_create(to, &attr, sleeper, c))
			exit(3);
	pthread_attr_destroy(&attr);
}

/* Threads that come and go while the others work. */
static void churn(void)
{
	pthread_t a, b;
	void *r;

	if (pthread_create(&a, NULL, brief, &a) || pthread_create(&b, NULL, brief, NULL))
		exit(4);
	pthread_detach(b);
	if (pthread_join(a, &r) || r != &a)
		abort();
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 8, churns = argc > 2, asleep = 0;
	static pthread_t threads[1024];
	struct cell cells[1024];
	long total = 0;
	char line[8];

	pthread_key_create(&key, destroy);
	if (pipe(woken))
		return 2;
	for (int i = 0; i < n; i++)
		make(&threads[i], &cells[i], i);
	printf("ready\n");
	fflush(stdout);
	if (churns)
		for (int i = 0; i < 300; i++)
			churn();
	if (read(0, line, sizeof line) <= 0)
		return 2;
	stop = 1;
	for (int i = 0; i < n; i++)
		asleep += i % 4 == 3;
	for (int i = 0; i < asleep; i++)
		if (write(woken[1], "x", 1) != 1)
			return 2;
	for (int i = 0; i < n; i++) {
		void *r;

		if (pthread_join(threads[i], &r) || r != &cells[i])
			abort();
		total += cells[i].mine;
		if (i % 4 != 3 && !cells[i].ended)
			abort();
	}
	printf("ok %d %d %d\n", total > n, asleep, destroyed == n - asleep);
	return 0;
}
