/* Empty statements, blocks, functions and translation-unit semicolons; dead code behind return. */
/* dsu: updates */
#include "case.h"

;

static void nothing(void)
{
}

static int dead(int n)
{
	return hop(n);
	n = hop(99);
	printf("never %d\n", n);
}

static int half_dead(int n)
{
	if (0)
		n = hop(1000);
	while (0)
		hop(n);
	do
		;
	while (hop(0));
	for (; hop(0);)
		;
	if (n)
		;
	else
		;
	;
	;
	{
		;
	}
	{
	}
	return n;
}

int main(void)
{
	nothing();
	;
	if (hop(0))
		;
	else
		printf("%d %d\n", dead(3), half_dead(4));
}
