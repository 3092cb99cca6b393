/* Addresses of compound literals, of alloca blocks in loops, of array elements, kept over points. */
/* dsu: updates */
#include <alloca.h>

#include "case.h"

struct node { int value; struct node *next; };

static struct node *kept;

static NOINLINE int literals(int n)
{
	struct node *list = &(struct node){ hop(n), NULL };
	int *numbers = (int[]){ hop(1), hop(2), n };
	const char *text = (char[]){ 'a', (char)('a' + hop(n)), 0 };

	kept = &(struct node){ 5, list };
	list = &(struct node){ hop(numbers[1]), kept };
	numbers[0] += hop(10);
	kept->value++;
	hop(0);
	return list->value * 1000 + list->next->value * 100 + list->next->next->value * 10 + numbers[0] + text[1];
}

static NOINLINE int blocks(int n)
{
	struct node *first = NULL;
	int s = 0;

	for (int i = 0; i < n; i++) {
		struct node *made = alloca(sizeof *made);

		made->value = hop(i);
		made->next = first;
		first = made;
		hop(1);
	}
	for (struct node *p = first; p; p = p->next)
		s = s * 3 + hop(p->value);
	return s;
}

static NOINLINE int array_of(int n)
{
	int a[4][3] = { { n }, { 1, 2 }, { [2] = hop(3) } };
	int (*row)[3] = &a[hop(1)], *end = a[3] + 2;

	a[hop(1)][hop(2)] = a[hop(2)][(hop(1), 2)] + (hop(n) ? hop(4) : hop(5));
	(*row)[hop(0)] <<= hop(2);
	*end = (*row)[2]++ + hop(1);
	row += hop(1);
	(*row)[1] -= hop((*row)[2]);
	return a[1][0] + a[1][2] * 10 + a[2][1] * 100 + a[3][2] * 1000;
}

int main(void)
{
	printf("%d\n", literals(2));
	printf("%d\n", blocks(6));
	printf("%d %d\n", array_of(0), array_of(1));
	return 0;
}
