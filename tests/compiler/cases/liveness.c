/* Values that are dead at one point and live at another; set on one path only; set in a loop's end. */
/* dsu: updates */
#include "case.h"

static NOINLINE int paths(int n)
{
	int set, late = 0, old = -1, r = 0;

	if (n & 1)
		set = hop(n);
	for (int i = 0; i < 4; i++) {
		int fresh;

		if (i > 0)
			r += late;
		fresh = hop(i);
		late = fresh * 2;
		if (n & 1)
			r += set;
		if (i == 2)
			old = hop(r);
		hop(fresh);
		r ^= fresh + old;
	}
	hop(r);
	return r;
}

static NOINLINE int swaps(int n)
{
	int a = 1, b = 2, c = 3, t;

	while (n-- > 0) {
		t = a;
		a = hop(b);
		b = c;
		c = t + hop(t);
	}
	return a * 100 + b * 10 + c;
}

int main(void)
{
	printf("%d %d %d\n", paths(3), paths(4), swaps(7));
	return 0;
}
