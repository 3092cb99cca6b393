/* Odd declarators: arrays of pointers to functions, pointers to arrays, functions giving them. */
/* dsu: updates */
#include "case.h"

typedef char line[8];
typedef int (*binary)(int, int);
typedef binary table[2];
typedef int combine(int (*)(int, int), int (*by)(int, int));

static int grid[2][3] = { { 1, 2, 3 }, { 4, 5, 6 } };

static int (*row(int n))[3]
{
	return &grid[hop(n)];
}

static int less(int a, int b)
{
	return hop(a) - b;
}

static binary pick(void)
{
	DSU_UPDATE_POINT();
	return less;
}

static combine both;

static int both(int (*f)(int, int), int (*by)(int, int))
{
	table two = { f, by };
	combine *self = hop(0) ? both : (combine *)0;

	return hop(two[0](7, 2)) * two[1](5, 1) + (self != 0);
}

static int use(line *lines, int n, int (*const functions[])(int, int), int cb(int, int))
{
	int s = 0;

	for (int i = 0; i < n; i++)
		s += lines[i][hop(0)] * functions[i & 1](hop(i), 1) + cb(i, hop(i));
	return s;
}

int main(void)
{
	line lines[3] = { "abc", "def", "ghi" };
	int (*const functions[2])(int, int) = { less, less };
	int (*(*pointer)(int))[3] = row;
	unsigned long long int long_name = 1;
	long unsigned reversed = 2;
	int signed short small = (short)hop(-3);

	hop(0);
	printf("%d %d %d\n", (*row(1))[2], (*pointer(0))[hop(1)], use(lines, 3, functions, pick()));
	printf("%d ", both(less, pick()));
	printf("%llu %lu %d %d\n", long_name, reversed, small, pick()(hop(9), 4));
	return 0;
}
