/* setjmp and longjmp: several sites, values, jumps from deep calls, and a site in a loop. */
/* dsu: updates */
#include <setjmp.h>

#include "case.h"

static jmp_buf env, second;

static NOINLINE void throw(int n, int value)
{
	int kept = n;

	if (n == 0)
		longjmp(env, value);
	throw(n - 1, value);
	hop(kept);
}

int main(void)
{
	volatile int tries = 0;
	int r;

	r = setjmp(env);
	printf("%d ", r);
	if (r < 3)
		throw(r * 2, r + 1);
	tries = 0;
	for (volatile int i = 0; i < 4; i++) {
		switch (setjmp(second)) {
		case 0:
			tries = tries + hop(1);
			if (i % 2)
				longjmp(second, 5);
			break;
		case 5:
			tries = tries + hop(100);
			break;
		default:
			abort();
		}
	}
	printf("%d\n", tries);
	if (!setjmp(env)) {
		hop(1);
		longjmp(env, 0);
	}
	hop(2);
	printf("end\n");
	return 0;
}
