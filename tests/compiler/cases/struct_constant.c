/* Constant parameters and locals of struct and union types, which are moved as values. */
/* dsu: updates */
#include "case.h"

union number { int i; float f; };
struct pair { int a, b; };

static NOINLINE int constants(const union number n, const struct pair given)
{
	const struct pair kept = given;

	hop(1);
	return hop(n.i) + given.a * 10 + kept.b * 100;
}

int main(void)
{
	union number n = { 3 };
	struct pair p = { 1, 2 };

	printf("%d\n", constants(n, p));
	return 0;
}
