/* Duff's device with calls in its cases; switches into loops and blocks; goto into and out of blocks. */
/* dsu: updates */
#include "case.h"

static NOINLINE int duff(const int *from, int count)
{
	int s = 0, n = (count + 3) / 4;

	switch (hop(count) % 4) {
	case 0:
		do {
			s = s * 3 + hop(*from++);
	case 3:
			s += hop(*from++);
			if (s % 7 == 3)
				continue;
	case 2:
			s ^= hop(*from++);
	case 1:
			s += hop(*from++) * 2;
		} while (hop(--n) > 0);
	}
	return s;
}

static NOINLINE int into(int n)
{
	int s = hop(n);

	if (n & 1)
		goto inside;
	for (int i = hop(2); i < 5; i++) {
		int t = i;

		if (s > 100)
			goto done;
inside:
		t = s + 3;
		s += hop(t);
		while (s < 20) {
again:
			s += hop(7);
		}
		if (s == 41)
			goto again;
		if (n & 1) {
			i = 3;
			n = hop(2);
		}
	}
done:
	return s;
}

static NOINLINE int comma(int n)
{
	int s = 0;

	for (int i = 0, j = hop(n); trace("c", i), hop(j) > i; s += hop(i), i++, j -= hop(0))
		s += (hop(i), i ? hop(2) : trace("t", 3));
	return s;
}

static NOINLINE int nested(int n)
{
	switch (hop(n)) {
		int unreached;
	default:
		unreached = hop(n);
		switch (unreached & 3) {
		case 1 ... 2:
			return hop(unreached) + nested(n + 2);
		case 3:
			break;
		default:
			unreached += hop(4);
		}
		return unreached;
	case 9:
		return -hop(9);
	}
}

int main(void)
{
	int v[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };

	for (int i = 5; i < 13; i++)
		printf("%d ", duff(v, i));
	for (int i = 0; i < 6; i++)
		printf("%d ", into(i));
	printf("%d\n", comma(3));
	printf("%d\n", comma(5));
	for (int i = 0; i < 10; i++)
		printf("%d ", nested(i));
	printf("\n");
	return 0;
}
