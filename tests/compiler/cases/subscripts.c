/* Calls in array subscripts, on both sides and nested. */
/* dsu: updates */
#include "case.h"

int main(void)
{
	int a[6] = { 1, 2, 3, 4, 5, 0 }, grid[3][4] = { { 0 } }, i;
	int *p = a;

	for (i = 0; i < 6; i++)
		printf("%d ", a[a[hop(i)] ? hop(i) : 0]);
	a[hop(2)] = a[hop(3)];
	a[step(1)] = hop(77);
	p[hop(4)]++;
	grid[hop(1)][hop(2)] = hop(5);
	grid[hop(1)][3] = grid[hop(1)][hop(1) + 1] * 2;
	hop(3)[a] = 9;
	*(a + hop(5)) = hop(6);
	(&a[hop(0)])[hop(0)] = 11;
	for (i = 0; i < 6; i++)
		printf("%d ", a[i]);
	for (i = 0; i < 12; i++)
		printf("%d", grid[i / 4][i % 4]);
	printf(" %c%c\n", "hello"[hop(1)], "hello"[a[hop(0)] - 9]);
	return 0;
}
