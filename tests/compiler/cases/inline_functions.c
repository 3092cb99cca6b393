/* static inline, extern inline, gnu_inline, C99 inline with its external definition, inlined deeply. */
/* dsu: updates */
/* dsu: untouched c99 external linkage */
#include "case.h"

inline int c99(int x)
{
	int y = hop(x);

	return y + 1;
}
extern int c99(int x);

extern inline __attribute__((gnu_inline)) int only_inline(int x)
{
	return hop(x) + 2;
}

int only_inline(int x)
{
	return hop(x) + 2;
}

static inline int third(int *p, int x)
{
	int local = x;

	*p += hop(local);
	return local;
}

static inline int second(int x)
{
	int pinned = 0;

	for (int i = 0; i < 2; i++)
		third(&pinned, x + i);
	return pinned;
}

static inline __attribute__((always_inline)) int first(int x)
{
	return second(x) * second(x + 1);
}

int main(void)
{
	int (*p)(int) = c99;

	printf("%d %d %d %d\n", c99(1), p(hop(2)), only_inline(3), first(4));
	return 0;
}
