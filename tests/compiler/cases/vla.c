/* Variable-length arrays: in a block, in a loop, as parameters, sizeof, pointers to them. */
/* dsu: updates */
/* dsu: untouched sum variable-length */
/* dsu: untouched simple variable-length */
/* dsu: untouched rounds variable-length */
/* dsu: untouched use variable-length */
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
		int (*p)[i];
		int b[i][2];

		memset(text, 'a' + hop(i), sizeof text - 1);
		text[i] = 0;
		p = (int (*)[i])b;
		b[i - 1][1] = hop(i);
		b[0][0] = 0;
		printf("%s %zu %zu ", text, sizeof *p, sizeof b);
		s += b[i - 1][1];
	}
	return s;
}

static void use(void)
{
	int n = 3, grid[n][n + 1];

	for (int i = 0; i < 12; i++)
		grid[i / 4][i % 4] = i;
	n = 100;
	printf("%d %zu %d\n", sum(3, 4, grid), sizeof grid, hop(n));
	printf("%d\n", simple(6));
	printf("%d %d\n", rounds(4), scalars(4, grid[1]));
}

int main(void)
{
	use();
	return hop(3);
}
