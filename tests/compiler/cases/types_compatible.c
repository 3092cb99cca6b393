/* A call in the brackets of __builtin_types_compatible_p is never made: it is no continuation point. */
/* dsu: updates */
#include <stdio.h>

static int calls;

static const char *step(int n)
{
	calls++;
	return n % 2 ? "odd" : "even";
}

static int (*volatile rest)(const char *, ...) = printf;

static const char *kept(int n)
{
	rest("%d\n", n);
	return step(n);
}

#define UNCONST(e) \
	(_Static_assert_ok(__builtin_types_compatible_p(__typeof__(e), const char *)) ? (char *)(e) : 0)
#define _Static_assert_ok(c) (sizeof(char[(c) ? 1 : -1]) == 1)

int main(void)
{
	int sum = 0;

	for (int i = 0; i < 5; i++) {
		char *s = UNCONST(kept(i));

		sum += s[0] + __alignof__(kept(i));
	}
	printf("%d %d\n", sum, calls);
	return 0;
}
