/* Names of functions in parentheses, and behind results that are pointers to arrays or functions. */
/* dsu: updates */
#include "case.h"

typedef int number;

static number (bracketed)(number n)
{
	return hop(n) + 1;
}

static number (bracketed_too) (number n)
{
	return hop(n) + 2;
}

static int numbers[3] = { 5, 6, 7 };

static int (*array(int n))[3]
{
	return hop(n) ? &numbers : NULL;
}

static int (*function(int n))(int)
{
	return hop(n) ? bracketed : bracketed_too;
}

static int (*(*nested(int n))(int))(int)
{
	hop(n);
	return function;
}

static int (*(both)(int n))[3]
{
	return array(hop(n));
}

int main(void)
{
	printf("%d %d %d\n", bracketed(1), (bracketed_too)(2), (*array(1))[hop(1)]);
	printf("%d %d %d\n", function(hop(0))(4), nested(1)(hop(1))(5), (*both(1))[2]);
	return 0;
}
