/* Calls in loop conditions and increments, with continue in each kind of loop. */
/* dsu: updates */
#include "case.h"

static int left;

static NOINLINE int more(void)
{
	DSU_UPDATE_POINT();
	return left-- > 0;
}

int main(void)
{
	int s = 0, i, j;

	left = 7;
	while (more()) {
		if (left % 2)
			continue;
		s += left;
	}
	printf("%d %d\n", s, left);

	left = 7;
	do {
		if (left == 3)
			continue;
		s += left;
	} while (more());
	printf("%d %d\n", s, left);

	left = 5;
	for (i = hop(1); more() && i < hop(100); i += hop(2)) {
		if (i == 5)
			continue;
		s += i;
	}
	printf("%d %d %d\n", s, left, i);

	for (i = 0, j = 0; i < 3; i = hop(i + 1), j += step(2))
		for (int k = 0; hop(k) < 2; k++)
			s += i * j + k;
	printf("%d %d\n", s, j);

	while (step(s) > 0 && hop(s) > 10)
		s -= hop(9);
	printf("%d\n", s);
	return 0;
}
