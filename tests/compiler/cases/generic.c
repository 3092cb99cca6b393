/* _Generic over values of calls, over macros; _Static_assert, _Alignof, offsetof. */
/* dsu: updates */
/* dsu: untouched selects a call inside */
/* dsu: untouched chooses a call inside */
#include <stddef.h>

#include "case.h"

#define NAME(x) _Generic((x), int: "int", long: "long", double: "double", char *: "string", default: "other")
#define HOP(x) _Generic((x), int: hop, long: long_hop, double: double_hop)(x)

struct s {
	char c;
	double d;
	int a[3];
};

static NOINLINE int selects(int n)
{
	return _Generic(n, int: trace("int", n), default: trace("default", n));
}

static NOINLINE int chooses(int n)
{
	return __builtin_choose_expr(sizeof n == 4, trace("four", n), trace("other", n));
}

static NOINLINE int asks(int n)
{
	return __builtin_constant_p(trace("never", n)) + hop(n);
}

int main(void)
{
	char text[] = "x";
	int n = hop(3);
	_Static_assert(sizeof(int) == 4, "int");

	printf("%s %s %s %s %s\n", NAME(n), NAME(hop(1)), NAME(double_hop(2)), NAME(&text[0]), NAME(&n));
	printf("%d %ld %.1f\n", HOP(n), HOP(5L), HOP(0.5));
	n += _Generic(n, int: hop, default: abort)(4);
	n += (int)offsetof(struct s, d) + (int)offsetof(struct s, a[2]) + (int)_Alignof(struct s) + (int)__alignof__(n);
	_Static_assert(1, "in the middle");
	n += __builtin_types_compatible_p(typeof(n), int);
	n += __builtin_choose_expr(1, hop, "no")(2);
	n += __builtin_constant_p(hop) ? 0 : 1;
	printf("%d\n", n);
	printf(" %d\n", selects(1));
	printf(" %d\n", chooses(2));
	printf(" %d\n", asks(3));
	return 0;
}
