/* asm goto and variables bound to a register are left as they are. */
/* dsu: x86_64 only */
/* dsu: untouched jump asm goto */
/* dsu: untouched bound register */
#include "case.h"

static NOINLINE int jump(int x)
{
	asm goto("testl %0, %0\n\tjz %l[zero]" : : "r"(x) : "cc" : zero);
	return hop(1);
zero:
	return hop(2);
}

static NOINLINE int bound(int x)
{
	register int in asm("ebx") = x;
	int out;

	asm("leal 1(%1), %0" : "=r"(out) : "r"(in));
	return out + hop(0);
}

int main(void)
{
	printf("%d %d %d\n", jump(0), jump(5), bound(6));
	return 0;
}
