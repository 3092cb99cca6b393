/* Pointers to functions with the names of functions that reach no update point. */
/* dsu: updates */
#include "case.h"

typedef int taker(int);

static int plain(int n)
{
	return n + 1;
}

static NOINLINE int parameter(int n, int (*plain)(int))
{
	int before = n * 3;

	return plain(n) + before;
}

static NOINLINE int of_a_type(int n, taker plain)
{
	int before = n * 5;

	return plain(n) + before;
}

static NOINLINE int local(int n, taker *given)
{
	taker *plain = given;
	int before = n * 7;

	return plain(n) + before;
}

static NOINLINE int declared_first(int n, taker *given)
{
	int before = n * 11;
	taker *other, *plain;

	plain = other = given;
	return plain(n) + before + (other == plain);
}

static NOINLINE int of_a_library(int n, taker *strlen)
{
	int before = n * 13;

	return strlen(n) + before;
}

int main(void)
{
	int sum = plain(0) + (int)strlen("abc");

	for (int i = 1; i < 4; i++) {
		sum += parameter(i, hop) + of_a_type(i, hop) * 3 + local(i, hop) * 5;
		sum += declared_first(i, hop) * 7 + of_a_library(i, hop) * 9;
	}
	printf("%d\n", sum);
	return 0;
}
