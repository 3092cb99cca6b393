/*
 * slow.c - a program that is nearly always at an update point, but for one function that works for
 * `argv[1]` ms without passing one. For dsucc. tests/runtime/test_probe.py knows the marked line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void quick(void)
{
	usleep(2000);
}

static volatile unsigned long work;

static __attribute__((noinline)) void slow(double ms)
{
	struct timespec from, now;

	clock_gettime(CLOCK_MONOTONIC, &from);
	do {
		for (int i = 0; i < 1000; i++)
			work += (unsigned long)i;
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((double)(now.tv_sec - from.tv_sec) * 1e3 +
			 (double)(now.tv_nsec - from.tv_nsec) / 1e6 <
		 ms);
	usleep(100); /* the slow point */
}

int main(int argc, char **argv)
{
	double ms = argc > 1 ? atof(argv[1]) : 20;

	printf("ready\n");
	fflush(stdout);
	for (unsigned long turn = 0;; turn++) {
		for (int i = 0; i < 10; i++)
			quick();
		slow(ms);
	}
}
