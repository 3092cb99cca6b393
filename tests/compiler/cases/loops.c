/* while, do and for with break and continue, each with calls in the body. */
/* dsu: updates */
#include "case.h"

static int with_while(int n)
{
	int s = 0;

	while (n-- > 0) {
		if (hop(n) % 3 == 0)
			continue;
		s += hop(n);
		if (s > 40)
			break;
	}
	return s;
}

static int with_do(int n)
{
	int s = 0;

	do {
		if (n == 5)
			continue;
		s = s * 2 + hop(n & 1);
	} while (--n > 0);
	return s;
}

static int with_for(int n)
{
	int s = 0;

	for (int i = 0, j = n; i < j; i++, j--) {
		if (i == 2)
			continue;
		for (int k = 0;; k++) {
			if (k > i)
				break;
			s += step(k) * j;
		}
	}
	return s;
}

static int without_parts(int n)
{
	int s = 0;

	for (;;) {
		if (n-- == 0)
			break;
		s += n;
	}
	for (; n < 5;)
		n += step(1);
	for (int i = 0; i < 4; i += step(2))
		;
	return s + n;
}

int main(void)
{
	printf("%d %d %d %d\n", with_while(17), with_do(9), with_for(11), without_parts(6));
	return 0;
}
