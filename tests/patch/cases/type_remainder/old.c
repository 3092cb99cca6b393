/* Blocks that have taken what was left of a larger free one: they are longer than usual. */
#include <stdlib.h>

#include "serve.h"

struct item {
	struct item *next;
	long numbers[3];
};

struct pair {
	struct pair *next;
	short number;
};

static struct item *items;
static struct pair *pairs;
static int longer;

/* Takes `size` from a free block of which too little is left then to be one. */
static void *remainder_of(size_t size, size_t larger)
{
	void *volatile whole = malloc(4000), *volatile behind = malloc(24), *volatile taken;
	void *made;

	free(whole);
	taken = malloc(4000 - larger);
	made = malloc(size);
	longer += (((size_t *)made)[-1] & ~7UL) - 8 >= size + 24;
	(void)behind;
	(void)taken;
	return made;
}

static void add(int i)
{
	struct item *item = remainder_of(sizeof *item, 64);
	struct pair *pair = remainder_of(sizeof *pair, 48);

	*item = (struct item){items, {i, 2 * i, 3 * i}};
	items = item;
	*pair = (struct pair){pairs, (short)i};
	pairs = pair;
}

int main(void)
{
	char line[16];
	long sum;

	for (int i = 1; i <= 9; i++)
		add(i);
	while (ask(line, sizeof line)) {
		sum = 0;
		for (struct item *p = items; p; p = p->next)
			sum += p->numbers[0] + p->numbers[1] + p->numbers[2];
		for (struct pair *p = pairs; p; p = p->next)
			sum += p->number;
		answer("old %ld, longer: %s", sum, longer ? "some" : "none");
	}
	return 0;
}
