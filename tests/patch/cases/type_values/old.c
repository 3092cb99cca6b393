#include <pthread.h>

#include "serve.h"

/* Arguments of calls that wait have the types of what they are taken from. */
struct input {
	int fd;
	int room;
	char line[16];
};

struct table {
	pthread_mutex_t lock;
	struct input input;
	long n;
};

static struct table table = {.lock = PTHREAD_MUTEX_INITIALIZER, .input = {.fd = 0, .room = 0x5555}};

static int get(struct input *in)
{
	int n = 0;

	while (n < 15 && read(in->fd, in->line + n, 1) == 1 && in->line[n] != '\n')
		n++;
	in->line[n] = 0;
	return n;
}

/* Waits all the time for what main() holds: it cannot run on to where its types are the same. */
static void *reader(void *arg)
{
	pthread_mutex_lock(&table.lock);
	return arg;
}

int main(void)
{
	pthread_t thread;

	pthread_mutex_lock(&table.lock);
	pthread_create(&thread, NULL, reader, NULL);
	while (get(&table.input)) {
		table.n++;
		answer("old %s %ld", table.input.line, table.n);
	}
	return 0;
}
