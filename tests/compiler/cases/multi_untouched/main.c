/* A file that is instrumented between two frames of one that is not: callbacks through foreign code. */
/* dsu: updates */
/* dsu: blocked */
/* dsu: plain foreign.c */
#include "../case.h"

int foreign(int (*f)(int), int n);
int foreign_sum(int n);

static int back(int n)
{
	int kept = n;

	hop(n);
	return kept ? foreign(back, kept - 1) + 1 : 0;
}

int main(void)
{
	printf("%d %d\n", hop(back(4)), hop(foreign_sum(5)));
	return 0;
}
