/* The comma operator sequences calls and side effects, in conditions, arguments and initialisers. */
/* dsu: updates */
#include "case.h"

int main(void)
{
	int a = (trace("1", 1), trace("2", 2)), b;
	int i, j;

	b = (a++, hop(a)), a = hop(10);
	printf(" %d %d\n", a, b);
	for (i = 0, j = hop(5); trace("c", 0), i < j; i++, hop(1), j--)
		printf("%d%d", i, j);
	printf("\n%d\n", hop((a = 3, a * 2)));
	if (trace("x", 0), a == 3)
		printf(" yes\n");
	(void)trace("p", 1), (void)trace("q", 2);
	return (trace("r", 1), putchar('\n'), hop(4));
}
