/* An array is as long as offsetof() and _Alignof() say: that is no variable length. */
/* dsu: updates */
#include <stddef.h>

#include "case.h"

struct page {
	int flags;
	char kind;
	short items[];
};

#define PLACES ((64 - offsetof(struct page, items)) / (sizeof(short) + _Alignof(int)))

static NOINLINE int fill(int n)
{
	short places[PLACES];
	int sum = 0;

	for (int i = 0; i < n; i++)
		places[i] = (short)hop(i * 3);
	for (int i = 0; i < n; i++)
		sum += places[i] * hop(i);
	return sum + (int)PLACES;
}

int main(void)
{
	printf("%d %d\n", fill(4), fill(PLACES));
	return 0;
}
