/* Labels at the end of blocks, before case labels and declarations, several in a row. */
/* dsu: updates */
#include "case.h"

static void leave(int n)
{
	if (hop(n) > 2)
		goto out;
	printf("small ");
out:;
}

static int rows(int n)
{
	int s = 0;

	switch (n) {
	case 0:
	zero:
		s = hop(10);
		goto done;
	case 1:
	case 2:
		n = 0;
		goto zero;
	}
	s = 20;
done:
finished:
	if (s == 20) {
		s = step(30);
		goto finished;
	}
	return s;
}

int main(void)
{
	leave(1);
	leave(3);
	for (int i = 0; i < 4; i++)
		printf("%d ", rows(i));
	printf("\n");
	return 0;
}
