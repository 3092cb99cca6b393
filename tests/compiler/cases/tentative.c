/* Tentative definitions, repeated declarations, an array completed later, extern in blocks. */
/* dsu: updates */
#include "case.h"

int counter;
int counter;
extern int counter;
static int hidden;
static int hidden;
static int table[];
static int table[4];
struct later;
static struct later *first;
struct later {
	int v;
};
static int function(int);
int function_too(int), *pointer_too;

static int use(void)
{
	extern int counter;
	extern int function_too(int);
	struct later l = { hop(3) };

	first = &l;
	counter += hop(1);
	hidden += function_too(counter);
	table[hop(2)] = function(hidden);
	return first->v;
}

static int function(int n)
{
	return hop(n) + 1;
}

int function_too(int n)
{
	return n * hop(2);
}

int main(void)
{
	for (int i = 0; i < 3; i++)
		printf("%d ", use());
	printf("%d %d %d\n", counter, hidden, table[2]);
	return 0;
}
