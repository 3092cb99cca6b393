/* a ?: b evaluates a once, and b only if a is zero. */
/* dsu: updates */
#include "case.h"

int main(void)
{
	const char *none = NULL;
	const char *s;
	int n;

	n = trace("a", 3) ?: trace("b", 4);
	printf(" %d\n", n);
	n = trace("a", 0) ?: trace("b", 4);
	printf(" %d\n", n);
	n = trace("a", 0) ?: trace("b", 0) ?: 9;
	printf(" %d\n", n);
	s = (const char *)pointer_hop((void *)none) ?: "default";
	puts(s);
	s = none ?: (const char *)pointer_hop("called");
	puts(s);
	n = (n = 5) ?: hop(1);
	n = hop(2) + (n - 5 ?: 7);
	printf("%d\n", n);
	return 0;
}
