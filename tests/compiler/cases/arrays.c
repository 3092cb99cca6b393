/* Local arrays: kept in place, of pointers to each other, multi-dimensional, passed down. */
/* dsu: updates */
#include "case.h"

static NOINLINE void fill(int n, int a[static 4], int grid[][3])
{
	for (int i = 0; i < 4; i++)
		a[i] = hop(n * i);
	for (int i = 0; i < 2; i++)
		for (int j = 0; j < 3; j++)
			grid[i][j] = step(i * 3 + j) + n;
}

int main(void)
{
	int a[4], grid[2][3], *rows[2] = { grid[0], grid[1] }, (*row)[3] = grid + 1;
	const char *words[] = { "zero", "one", "two" };
	char text[16] = "abc", *end = text + 3, **tail = &end;
	int i;

	fill(3, a, grid);
	for (i = 0; i < 3; i++) {
		**tail = (char)('d' + hop(i));
		++*tail;
		*end = 0;
		printf("%s %s %d ", words[hop(i)], text, rows[hop(1)][i] + (*row)[i] + a[i]);
	}
	printf("%zu %zu %td\n", sizeof grid, sizeof text, end - text);
	return 0;
}
