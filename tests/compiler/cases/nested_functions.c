/* GNU nested functions use their parent's locals; left untouched. */
/* dsu: gcc only */
/* dsu: untouched outer nested */
#include "case.h"

static NOINLINE int outer(int n)
{
	int total = 0;

	int add(int x)
	{
		total += hop(x);
		return total;
	}

	for (int i = 0; i < n; i++)
		add(i);
	return total;
}

int main(void)
{
	printf("%d\n", hop(outer(5)));
	return 0;
}
