/* Variable-length arrays: in a block, in a loop, as parameters, sizeof, pointers to them. */
/* dsu: updates */
/* dsu: untouched sum variable-length */
/* dsu: untouched pointed variable-length */
#include "case.h"

static int sum(int n, int m, int a[n][m])
{
	int s = 0;

	for (int i = 0; i < n; i++)
		for (int j = 0; j < m; j++)
			s += hop(a[i][j]);
	return s + (int)sizeof a[0];
}

static NOINLINE int scalars(int n, int a[n])
{
	int s = a[0];

	for (int i = 1; i < n; i++)
		s += hop(a[i]);
	return s;
}

static int simple(int n)
{
	int a[n], s = 0;

	for (int i = 0; i < n; i++)
		a[i] = hop(i);
	for (int i = 0; i < n; i++)
		s += a[i];
	return s + (int)(sizeof a / sizeof *a);
}

static int rounds(int n)
{
	int s = 0;

	for (int i = 1; i <= n; i++) {
		char text[i + 1];
		int b[i][2], again = 2;

		memset(text, 'a' + hop(i), sizeof text - 1);
		text[i] = 0;
repeat:
		b[i - 1][1] = hop(i);
		b[0][0] = 0;
		{
			long l[again][i], *end = &l[again - 1][i - 1];

			l[hop(again) - 1][i - 1] = s;
			hop(0);
			s += (int)(sizeof l / sizeof l[0]) + (int)*end + (l == (void *)end);
		}
		printf("%s %zu %zu ", text, sizeof b[hop(0)], sizeof b);
		s += b[i - 1][1];
		if (--again)
			goto repeat;
	}
	return s;
}

static NOINLINE int pointed(int n, int *a)
{
	int (*p)[n] = (int (*)[n])a;

	return (*p)[hop(n) - 1] + (int)sizeof *p;
}

/* Each recursion has an array of its own; the outer ones stay as they are. */
static NOINLINE int depth(int n)
{
	char name[n + 1], *where = name;

	memset(name, 'a', (size_t)n);
	name[n] = 0;
	hop(n);
	if (n > 1)
		where[1] = (char)('a' + depth(n - 1) % 26);
	hop(n);
	return (int)strlen(name) * 3 + name[n - 1];
}

static void use(void)
{
	int n = 3, grid[n][n + 1];

	for (int i = 0; i < 12; i++)
		grid[i / 4][i % 4] = i;
	n = 100;
	printf("%d %zu %d\n", sum(3, 4, grid), sizeof grid, hop(n));
	printf("%d\n", simple(6));
	printf("%d\n", rounds(4));
	printf("%d\n", scalars(4, grid[1]));
	printf("%d\n", pointed(4, grid[1]));
	printf("%d\n", depth(5));
}

int main(void)
{
	use();
	return hop(3);
}
