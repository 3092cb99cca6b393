/* No update between DSU_TRANSACTION_BEGIN and END, which nest; it happens at the next point. */
/* dsu: updates */
/* dsu: blocked */
#include "case.h"

static void both(int *a, int *b, int n)
{
	DSU_TRANSACTION_BEGIN();
	*a -= hop(n);
	DSU_TRANSACTION_BEGIN();
	*b += hop(n);
	DSU_TRANSACTION_END();
	hop(n);
	DSU_TRANSACTION_END();
}

int main(void)
{
	int a = 100, b = 0;

	for (int i = 0; i < 6; i++) {
		both(&a, &b, hop(i));
		printf("%d ", a + b);
	}
	printf("\n");
	return 0;
}
