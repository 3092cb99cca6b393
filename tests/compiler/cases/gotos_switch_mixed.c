/* Jumps between arms of a switch, out of nested loops into an error path, cleanup ladders. */
/* dsu: updates */
#include "case.h"

static NOINLINE int acquire(int n)
{
	char *a = NULL, *b = NULL;
	int r = -1;

	a = malloc(10);
	if (!a || hop(n) == 0)
		goto out;
	if (hop(n) == 1)
		goto free_a;
	b = malloc(20);
	switch (n) {
	case 2:
		r = hop(2);
		goto shared;
	case 3:
		r = hop(3);
		break;
	shared:
	default:
		for (int i = 0; i < 3; i++)
			for (int j = 0;; j++) {
				if (j > i)
					break;
				if (hop(i + j) == n)
					goto free_b;
				r += 10;
			}
	}
free_b:
	free(b);
free_a:
	free(a);
out:
	return hop(r);
}

int main(void)
{
	for (int i = 0; i < 6; i++)
		printf("%d ", acquire(i));
	printf("\n");
	return 0;
}
