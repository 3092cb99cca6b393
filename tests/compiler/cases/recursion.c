/* Direct recursion: each activation keeps its own parameters and locals across an update. */
/* dsu: updates */
#include "case.h"

static int fib(int n)
{
	int left, right;

	if (n < 2)
		return n;
	left = fib(n - 1);
	right = fib(n - 2);
	return left + right;
}

static int ackermann(int m, int n)
{
	if (m == 0)
		return n + 1;
	if (n == 0)
		return ackermann(m - 1, 1);
	return ackermann(m - 1, ackermann(m, n - 1));
}

static void hanoi(int n, char from, char to, char by)
{
	if (n == 0)
		return;
	hanoi(n - 1, from, by, to);
	printf("%c%c ", from, to);
	hanoi(n - 1, by, to, from);
}

int main(void)
{
	printf("%d %d\n", fib(11), ackermann(2, 3));
	hanoi(4, 'a', 'b', 'c');
	putchar('\n');
	return 0;
}
