/* ?: evaluates one side only; its type is the common one; pointers, structs and voids pass through. */
/* dsu: updates */
#include "case.h"

struct pair {
	int a, b;
};

static NOINLINE struct pair make(int a)
{
	struct pair p = { a, a * 2 };

	DSU_UPDATE_POINT();
	return p;
}

static NOINLINE void say(const char *s)
{
	DSU_UPDATE_POINT();
	printf("(%s)", s);
}

int main(void)
{
	struct pair p, q = { 1, 2 };
	int x = 5, i;
	char c = -1;
	unsigned u = 1;
	const char *name;
	long long wide;

	for (i = 0; i < 3; i++)
		printf("%d ", i == 0 ? trace("t", 10) : i == 1 ? trace("u", 20) : trace("v", 30));
	p = hop(1) ? make(4) : q;
	q = hop(0) ? make(5) : q;
	printf("%d %d %d %d\n", p.a, p.b, q.a, q.b);
	printf("%d\n", (hop(0) ? make(1) : make(2)).b);
	hop(1) ? say("yes") : say("no");
	hop(0) ? say("yes") : (void)0;
	wide = hop(1) ? c : u;
	printf(" %lld", wide);
	wide = hop(0) ? 1LL << 40 : hop(-1);
	printf(" %lld", wide);
	printf(" %.2f\n", hop(1) ? hop(3) : 0.5);
	name = hop(x) > 3 ? (const char *)pointer_hop("big") : NULL;
	puts(name ? name : "none");
	*(hop(0) ? &x : &i) = hop(42);
	printf("%d %d\n", x, i);
	(x > 1 ? hop : step)(3);
	printf("%d\n", (hop(1) ? hop : step)(8));
	printf("%d\n", hop(hop(1) ? hop(hop(2) ? 3 : 4) : hop(5)));
	return 0;
}
