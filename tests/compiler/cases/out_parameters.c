/* Callees change locals of their callers through pointers, while the caller's value was in a register. */
/* dsu: updates */
#include "case.h"

static NOINLINE void bump(int *a, long *b, char **s)
{
	(*a)++;
	DSU_UPDATE_POINT();
	*b += *a;
	++*s;
	DSU_UPDATE_POINT();
}

static NOINLINE void swap(int *a, int *b)
{
	int t = *a;

	*a = hop(*b);
	*b = t;
}

static NOINLINE void twice(void (*f)(int *, int *), int *a, int *b)
{
	f(a, b);
	f(b, a);
	f(a, b);
}

int main(void)
{
	int a = 0, x = 1, y = 2;
	long b = 0;
	char *s = "abcdefgh";
	struct {
		int v[3];
	} st = { { 7, 8, 9 } };

	while (a < 6) {
		bump(&a, &b, &s);
		printf("%d %ld %s ", a, b, s);
	}
	twice(swap, &x, &y);
	swap(&st.v[hop(0)], &st.v[2]);
	printf("%d %d %d\n", x, y, st.v[0]);
	return 0;
}
