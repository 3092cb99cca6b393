/* Compound literals whose addresses are kept: one object a place, given its value where it is evaluated. */
/* dsu: updates */
#include <stddef.h>

#include "case.h"

struct node { int value; struct node *next; };
struct pair { int a[3]; const int b; };
enum { ROOM = 4 };
typedef int four[ROOM];

static int outside = 3, *const file_scope = (int[]){ 7, 8, 9 };

/* One object for all rounds: each gives it its value anew, from what it held before. */
static NOINLINE int rounds(int n)
{
	struct node *last = NULL, *now;
	int s = 0, i = 0;

again:
	now = &(struct node){ last ? last->value * 2 + hop(i) : 1, last };
	s = s * 3 + now->value + (last == NULL || last == now);
	last = now;
	if (++i < n)
		goto again;
	for (int k = 0, *p = &(int){ hop(5) }; k < *p; hop(k++), *p -= 1)
		s += *p * k;
	for (int *p = (int[]){ 3, 1, hop(2), 0 }; *p; p++)
		s = s * 2 + hop(*p);
	while (*(int *){ &(int){ hop(i) } } < n + 2)
		i++;
	return s * 10 + i;
}

/* What is kept in one round is there in all others of the block around. */
static NOINLINE int across(int n)
{
	int *kept[3], s = 0;
	char *text = (char[]){ "abc" };

	kept[0] = &(int){ n };
	kept[1] = (int[ROOM]){ [2] = hop(n), 1 };
	kept[2] = (four){ 1, hop(2) };
	for (int i = 0; i < n; i++) {
		struct pair *p = &(struct pair){ { i, hop(1) }, hop(i) + 1 };

		*kept[0] += hop(p->b);
		kept[1][i % ROOM] += p->a[1] + hop(p->a[2]);
		kept[2][3]++;
		text[1] = (char)(text[1] + hop(1));
	}
	for (int i = 0; i < ROOM; i++)
		s = s * 10 + kept[1][i] + kept[2][i];
	return s + *kept[0] + text[1] + text[3];
}

static NOINLINE int nested(int n)
{
	const struct node *list = &(struct node){ 1, &(struct node){ hop(2), &(struct node){ n, NULL } } };
	struct node *several[] = { &(struct node){ hop(4), NULL }, &(struct node){ 5, &(struct node){ hop(6), NULL } } };
	int **rows = (int *[]){ (int[]){ 1, hop(2) }, &(int){ hop(n) }, &outside };
	int s = 0;

	hop(1);
	for (; list; list = list->next)
		s = s * 10 + list->value;
	s = s * 10 + several[0]->value + several[1]->next->value + hop(several[1]->value);
	return s * 10 + rows[0][1] + *rows[1] + *rows[2] + hop(sizeof several / sizeof *several);
}

static NOINLINE int sum(const int *v, int n)
{
	int s = 0;

	for (int i = 0; i < n; i++)
		s = s * 2 + hop(v[i]);
	return s;
}

static NOINLINE int twice(int n)
{
	return sum((int[]){ 1, n }, 2) * 100 + sum((int[]){ 1, n }, 2) + sum((const int[]){ hop(n), 2, 3 }, 3);
}

static NOINLINE int in_expressions(int n)
{
	int v = ({ int *inner = (int[]){ hop(n), 2 }; hop(inner[1]); *&(int){ hop(inner[0]) + inner[1] }; });
	int s = n > 1 && *&(int){ hop(n) } > 1 ? *(int[]){ hop(3) } : (struct pair){ { 1, hop(2) }, 3 }.a[1];
	size_t size = sizeof(int[]){ 1, 2, 3 } + sizeof(struct pair){ { 0 }, 0 }.a;

	s += ((struct node){ hop(4), NULL }).value + (&(struct node){ hop(5), &(struct node){ 6, NULL } })->next->value;
	s += _Generic(&(int){ 1 }, int *: *&(int){ n }, default: 0) + hop(1);
	*(&(int){ 0 }) = hop(1);
	return s * 100 + *((n & 1) ? &v : &(int){ hop(9) }) + (int)size + file_scope[hop(1)];
}

static NOINLINE int recursive(int n, const struct node *outer)
{
	int depth = hop(outer ? outer->value : 0);

	return n ? recursive(n - 1, &(struct node){ depth + 1, (struct node *)outer }) * 2 + depth : hop(depth);
}

int main(void)
{
	printf("%d %d\n", rounds(1), rounds(4));
	printf("%d %d\n", across(1), across(6));
	printf("%d\n", nested(3));
	printf("%d %d\n", twice(1), twice(4));
	printf("%d %d %d\n", in_expressions(1), in_expressions(2), in_expressions(3));
	printf("%d\n", recursive(5, NULL));
	return 0;
}
