/* main without a return gives 0, with a declaration `int main()`. */
/* dsu: updates */
#include "case.h"

int main()
{
	int n = hop(5);

	while (n--)
		printf("%d", hop(n));
	printf("\n");
}
