/* K&R definitions: promoted parameters, undeclared ones, calls without a prototype. */
/* dsu: updates */
/* dsu: flags -std=gnu89 -w */
#include "case.h"

int undeclared();

long old(a, c, f, p)
int a;
char c;
float f;
char *p;
{
	long s;

	s = hop(a) + c;
	s += (long)(f * 2);
	return s + strlen(p) + hop(1);
}

implicit(x)
{
	return hop(x) + 1;
}

int no_parameters()
{
	return hop(4);
}

int main()
{
	printf("%ld %d %d %d\n", old(1, 'a', 2.5, "four"), implicit(3), no_parameters(), undeclared(5, 6));
	return 0;
}

int undeclared(a, b)
int a, b;
{
	return hop(a) * hop(b);
}
