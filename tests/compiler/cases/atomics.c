/* gcc's atomic builtins are no calls: a function of nothing else has no continuation point. */
/* dsu: updates */
/* dsu: no points in taken */
/* dsu: no points in given */
#include "case.h"

static int counter;

static inline int taken(int n)
{
	return __sync_fetch_and_add(&counter, n);
}

static inline int given(int n)
{
	int was = __atomic_load_n(&counter, __ATOMIC_RELAXED);

	while (!__atomic_compare_exchange_n(&counter, &was, was - n, 0, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
		continue;
	return was;
}

int main(void)
{
	for (int i = 1; i < 4; i++)
		printf("%d ", taken(hop(i)) + given(1) * __sync_add_and_fetch(&counter, hop(2)));
	printf("%d\n", counter);
	return 0;
}
