/*
 * transactions.c - a thread that waits inside a region, or inside a whole function, in which there
 * may be no update, until a line comes; main() can be updated all the time. For dsucc.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dsu.h"

static int p[2];

static void receive(void)
{
	char b;

	if (read(p[0], &b, 1) != 1)
		_exit(2);
}

static void region(void)
{
	DSU_TRANSACTION_BEGIN();
	receive();
	DSU_TRANSACTION_END();
}

/* Named to the compiler. */
static void whole(void)
{
	receive();
}

static void *worker(void *arg)
{
	if (!strcmp(arg, "region"))
		region();
	else
		whole();
	receive();
	return arg;
}

int main(int argc, char **argv)
{
	char line[8];
	pthread_t t;

	if (argc < 2 || pipe(p))
		return 2;
	pthread_create(&t, NULL, worker, argv[1]);
	printf("ready\n");
	fflush(stdout);
	for (int i = 0; i < 2; i++)
		if (read(0, line, sizeof line) <= 0 || write(p[1], "x", 1) != 1 ||
			write(1, "on\n", 3) != 3)
			return 2;
	pthread_join(t, NULL);
	return 0;
}
