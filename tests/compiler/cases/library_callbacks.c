/* qsort and bsearch with comparators that update: a foreign frame in between, so the update waits. */
/* dsu: updates */
/* dsu: blocked */
#include "case.h"

static int comparisons;

static int compare(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	comparisons += hop(1);
	return (x > y) - (x < y);
}

int main(void)
{
	int v[] = { 9, 4, 7, 1, 8, 2 }, key = 7, *found;

	hop(0);
	qsort(v, 6, sizeof *v, compare);
	hop(0);
	for (int i = 0; i < 6; i++)
		printf("%d ", v[i]);
	found = bsearch(&key, v, 6, sizeof *v, compare);
	printf("%td %d\n", hop(1) ? found - v : -1, comparisons > 5);
	return 0;
}
