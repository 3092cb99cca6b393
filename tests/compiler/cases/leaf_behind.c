/* A function's only caller stands in front of it and of the types and variables that its body needs. */
/* dsu: updates */
#include "case.h"

static int behind(int n);
static int next_of(int n);

static NOINLINE int caller(int n)
{
	int sum = 0;

	for (int i = 0; i < n; i++)
		sum += hop(i) * behind(i);
	return sum;
}

typedef struct {
	int low, high;
} range;

static range limits = { 1, 3 };

static int behind(int n)
{
	range r = limits;

	limits.high++;
	return n < r.low ? r.low : next_of(n > r.high ? r.high : n);
}

static const int step_width = 5;

static int next_of(int n)
{
	return n + step_width;
}

int main(void)
{
	int sum = caller(6);

	printf("%d %d\n", sum, limits.high);
	return 0;
}
