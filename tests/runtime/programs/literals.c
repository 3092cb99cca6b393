/*
 * literals.c - frames whose compound literals are pointed to for as long as they are active, updated at
 * each point of argv[1] rounds. For dsucc.
 */
#include <stdio.h>
#include <stdlib.h>

#include "dsu.h"

struct item { long value; const struct item *next; };

static __attribute__((noinline)) long seen(long v)
{
	DSU_UPDATE_POINT();
	return v;
}

static __attribute__((noinline)) long total(const struct item *list, const int *weights)
{
	long s = 0;

	for (; list; list = list->next)
		s += seen(list->value) * *weights++;
	return s;
}

static __attribute__((noinline)) long serve(long rounds)
{
	const struct item *fixed = &(struct item){ seen(5), &(struct item){ 7, NULL } };
	const int *weights = (int[]){ 1, 2, 3 };
	char *room = (char[1000]){ "room" };
	long s = 0;

	for (long i = 0; i < rounds; i++) {
		const struct item *first = &(struct item){ i, fixed };

		s = (s + total(first, weights) + room[seen(i % 4)]) % 1000003;
	}
	return s;
}

int main(int argc, char **argv)
{
	printf("%ld\n", serve(argc > 1 ? atol(argv[1]) : 10));
	return 0;
}
