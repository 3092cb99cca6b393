/* Static locals: in recursive functions, with initialisers, same name in two functions and blocks. */
/* dsu: updates */
#include "case.h"

static int depth(int n)
{
	static int calls, deepest = 1;
	static const char *const names[] = { "even", "odd" };

	calls++;
	if (n > deepest)
		deepest = n;
	if (n > 0)
		depth(hop(n) - 1);
	if (n == 4)
		printf("%d %d %s\n", calls, deepest, names[calls % 2]);
	return calls;
}

static int other(void)
{
	static int calls = 100;

	{
		static int calls = 1000;

		calls += hop(1);
		if (calls > 1002) {
			static int calls = 5;

			return calls -= hop(1);
		}
	}
	return calls += hop(1);
}

static inline int next_id(void)
{
	static int id;

	DSU_UPDATE_POINT();
	return ++id;
}

static int *where(void)
{
	static int here;

	here = hop(here + 1);
	return &here;
}

int main(void)
{
	int i, *p, *q;

	depth(4);
	printf("%d\n", depth(6));
	for (i = 0; i < 5; i++)
		printf("%d %d ", other(), next_id());
	p = where();
	q = where();
	printf("%d %d\n", p == q, *p);
	return 0;
}
