/* asm labels on functions and variables, on declarations apart from their definitions. */
/* dsu: updates */
/* dsu: untouched through_block an asm label */
#include "case.h"

int renamed(int) __asm__("other_name");
extern int variable asm("other_variable");
static int counter __asm__("case_counter");

int renamed(int x)
{
	counter += hop(x);
	return counter;
}

int variable = 5;

static int through_block(int x)
{
	extern int through(int) asm("other_name");

	return through(x);
}

int main(void)
{
	printf("%d\n", renamed(1));
	printf("%d %d\n", renamed(hop(2)), variable + hop(0));
	printf("%d\n", through_block(3));
	return 0;
}
