/* ++ and -- on lvalues that contain calls, before and behind, on pointers, members and bit-fields. */
/* dsu: updates */
#include "case.h"

struct node {
	int v;
	unsigned bits : 3;
	struct node *next;
};

static NOINLINE struct node *find(struct node *n)
{
	DSU_UPDATE_POINT();
	return n->next;
}

int main(void)
{
	struct node b = { 20, 7, NULL }, a = { 10, 0, &b };
	int v[3] = { 5, 6, 7 }, *p = v, x;

	x = find(&a)->v++;
	printf("%d %d\n", x, b.v);
	x = --find(&a)->v;
	printf("%d %d\n", x, b.v);
	find(&a)->bits++;
	printf("%d\n", b.bits);
	x = v[hop(1)]++ + hop(1);
	printf("%d %d\n", x, v[1]);
	x = ++v[hop(2)] * hop(2);
	printf("%d %d\n", x, v[2]);
	x = *p++ + hop(0);
	x += hop(*p--);
	printf("%d %td\n", x, p - v);
	x = hop(x++ ? 4 : 5);
	printf("%d\n", x);
	for (x = 3; x-- > hop(0);)
		printf("%d", x);
	printf("\n");
	return 0;
}
