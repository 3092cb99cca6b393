/* Calls in return expressions of every type; return in void functions with an expression. */
/* dsu: updates */
#include "case.h"

struct big {
	int v[20];
};

static NOINLINE struct big fill(int n)
{
	struct big b;

	for (int i = 0; i < 20; i++)
		b.v[i] = hop(n + i);
	return b;
}

static struct big again(int n)
{
	return fill(n + 1);
}

static float half(int n)
{
	return (float)hop(n) / 2;
}

static char narrow(int n)
{
	return (char)hop(n);
}

static unsigned char implicit(int n)
{
	return hop(n);
}

static _Bool yes(int n)
{
	return hop(n);
}

static int logic(int n)
{
	return n && hop(n - 1);
}

static void *pointer(void *p)
{
	return pointer_hop(p);
}

static void nothing(void)
{
	DSU_UPDATE_POINT();
	return;
}

static void with_void(void)
{
	return nothing();
}

int main(void)
{
	int x;

	with_void();
	printf("%d %d %.1f\n", again(3).v[19], fill(0).v[4], half(7));
	printf("%d %d %d %d%d\n", narrow(300), implicit(300), yes(256), logic(1), logic(2));
	printf("%d\n", pointer(&x) == &x);
	return hop(3);
}
