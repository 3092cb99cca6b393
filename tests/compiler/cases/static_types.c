/* Static locals of types declared in the same block, self-referring, and with a sizeof of another. */
/* dsu: updates */
/* dsu: untouched pool local to the function */
#include "case.h"

static int pool(int n)
{
	struct cell {
		int v;
		struct cell *next;
	};
	static struct cell cells[4], *top;
	static struct { int used, limit; } state = { 0, 4 };
	static char raw[sizeof(struct cell) * 2];
	enum { STEP = 3 };
	static int scaled[STEP] = { STEP, STEP * 2 };

	if (state.used == state.limit)
		return -1;
	cells[state.used].v = hop(n);
	cells[state.used].next = top;
	top = &cells[state.used++];
	raw[hop(0)]++;
	return top->v + (top->next ? top->next->v : 0) + raw[0] + scaled[hop(1)] + (int)(sizeof raw / sizeof *top);
}

static int named(int n)
{
	static struct list { struct list *next; int v; } first = { &first, 3 };
	struct list copy = first;
	static const enum kind { ONE = 1, TWO } kinds[] = { TWO, ONE };
	enum kind k = kinds[hop(n)];

	first.v += hop(k);
	return copy.next->v * 10 + copy.v;
}

static int other(int n)
{
	static const struct list { char name[4]; } lists[] = { { "abc" }, { "def" } };

	return lists[hop(n)].name[hop(1)];
}

int main(void)
{
	for (int i = 1; i < 6; i++)
		printf("%d ", pool(i * 10));
	printf("%d\n", named(0));
	printf("%d %d\n", named(1), other(1));
	return 0;
}
