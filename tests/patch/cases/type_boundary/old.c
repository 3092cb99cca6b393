/* Where a member ends another begins: a pointer there is to the one that its type names, or that begins like it. */
#include "serve.h"

struct point {
	int x, y;
};

struct item {
	int count;
	struct point at[2];
	struct item *other;
	struct {
		struct item *next;
		long n;
	} chain;
	union {
		int small;
		long number;
	} u;
};

static struct item *first, **last = &first;
static int *x, sum;

static void add(int n)
{
	struct item *i = calloc(1, sizeof *i);

	i->count = n;
	i->at[0].x = 10 * n;
	i->other = first ? first : i;
	i->chain.n = n;
	*last = i;
	last = &i->chain.next;
	x = &i->at[0].x;
}

int main(void)
{
	char line[16];

	while (ask(line, sizeof line)) {
		if (x)
			++*x;
		add(atoi(line));
		sum = 0;
		for (struct item *i = first; i; i = i->chain.next)
			sum = 1000 * sum + i->at[0].x + (i->other == first);
		answer("old %d", sum);
	}
	return 0;
}
