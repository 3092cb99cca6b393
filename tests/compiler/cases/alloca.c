/* alloca: blocks stay where they are until the function returns, across calls and recursion. */
/* dsu: updates */
#include <alloca.h>

#include "case.h"

struct node {
	int v;
	struct node *next;
};

static int chain(int n)
{
	struct node *list = NULL;
	int s = 0;

	for (int i = 0; i < n; i++) {
		struct node *fresh = alloca(sizeof *fresh);

		fresh->v = hop(i);
		fresh->next = list;
		list = fresh;
	}
	for (struct node *p = list; p; p = p->next)
		s = s * 3 + hop(p->v);
	return s;
}

static int nested(int n)
{
	char *text = __builtin_alloca((size_t)n + 1);
	int s;

	memset(text, 'a' + n, (size_t)n);
	text[n] = 0;
	s = n ? nested(n - 1) : 0;
	return s + (int)strlen(text) + text[n ? n - 1 : 0];
}

int main(void)
{
	printf("%d %d\n", chain(7), nested(5));
	return 0;
}
