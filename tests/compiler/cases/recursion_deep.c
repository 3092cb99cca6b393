/* A thousand frames, each with a pinned local that the next one points back to. */
/* dsu: updates */
#include "case.h"

struct link {
	struct link *up;
	int n;
};

static NOINLINE long down(int n, struct link *up)
{
	struct link here = { up, n };
	long sum = 0;

	if (n == 0) {
		struct link *l;

		for (l = &here; l; l = l->up)
			sum += l->n;
		return sum;
	}
	sum = down(n - 1, &here);
	if (here.n != n || here.up != up)
		abort();
	return sum + here.n;
}

int main(void)
{
	printf("%ld\n", down(1000, NULL));
	return 0;
}
