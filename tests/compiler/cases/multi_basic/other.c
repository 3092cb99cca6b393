#include "../case.h"
#include "shared.h"

static int count = 1000;

static int helper(int x)
{
	count -= hop(x);
	return count;
}

int other_run(struct shared *s, int n)
{
	s->value += helper(n) + s->callback(n);
	return s->value;
}

int other_count(void)
{
	return hop(count);
}
