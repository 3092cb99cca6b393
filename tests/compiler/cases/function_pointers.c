/* Function pointers: tables, members, parameters, results, called in every spelling. */
/* dsu: updates */
#include "case.h"

typedef int op(int, int);
struct command {
	const char *name;
	op *run;
};

static int add(int a, int b)
{
	return hop(a) + b;
}

static int sub(int a, int b)
{
	return a - hop(b);
}

static int plain(int a, int b)
{
	return a * b;
}

static int apply(op *f, int a, int b)
{
	return (*f)(a, b) + f(b, a) * 100 + (***f)(a, a) * 10000;
}

static NOINLINE int (*choose(int c))(int, int)
{
	DSU_UPDATE_POINT();
	return c == '+' ? add : c == '-' ? &sub : plain;
}

static NOINLINE struct command *command(struct command *c)
{
	DSU_UPDATE_POINT();
	return c;
}

int main(void)
{
	struct command table[] = { { "add", add }, { "sub", sub }, { "plain", plain } };
	op *const jump[3] = { add, sub, plain };
	int (*local)(int, int) = choose('-');

	for (int i = 0; i < 3; i++) {
		printf("%s %d %d\n", table[i].name, table[i].run(9, 4), apply(jump[i], 3, 2));
		printf("%d %d\n", table[hop(i)].run(hop(1), hop(2)), jump[hop(i)](hop(5), 6));
		printf("%d\n", command(&table[i])->run(7, 1));
	}
	printf("%d %d %d\n", choose('+')(hop(3), 4), choose('*')(3, 4), local(hop(1), 2));
	return 0;
}
