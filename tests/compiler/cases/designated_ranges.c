/* GNU range designators, with calls, and overriding an earlier element. */
/* dsu: updates */
#include "case.h"

static int table[] = { [0 ... 3] = 7, [5 ... 6] = 9 };

int main(void)
{
	int a[10] = { [1 ... 4] = 3, [7] = hop(5), [8 ... 9] = 1 };
	int b[] = { [2 ... 5] = 1, [4] = 8 };

	for (int i = 0; i < 10; i++)
		printf("%d", a[hop(i)]);
	printf(" ");
	for (unsigned i = 0; i < sizeof b / sizeof *b; i++)
		printf("%d", b[i]);
	printf(" ");
	for (unsigned i = 0; i < sizeof table / sizeof *table; i++)
		printf("%d", table[hop((int)i)]);
	printf("\n");
	return 0;
}
