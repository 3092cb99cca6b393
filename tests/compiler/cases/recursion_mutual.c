/* Mutual recursion over three functions, one of them declared inside a block. */
/* dsu: updates */
#include "case.h"

static int is_odd(int n);

static int is_even(int n)
{
	return n == 0 ? 1 : is_odd(n - 1);
}

static int is_odd(int n)
{
	int other(int);

	return n == 0 ? 0 : other(n);
}

int other(int n)
{
	int r = is_even(n - 1);

	return r;
}

int main(void)
{
	int i;

	for (i = 0; i < 12; i++)
		printf("%d%d ", is_even(i), is_odd(i));
	printf("\n");
	return 0;
}
