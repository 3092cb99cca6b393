/* Functions with points that are called once: gcc inlines them into the hot variant, and a resume
 * variant enters theirs at the beginning. */
/* dsu: updates */
#include "case.h"

typedef struct {
	long a, b, c;
} triple;

static int behind(int n, int *where);

/* Parameters of each kind; one of them, and a local, are known by their addresses. */
static triple mixed(char c, double d, triple t, const int list[], int n)
{
	int sum = 0, *at = &sum, *of = &n;
	long inner[3] = { 1, 2, 3 };

	for (int i = 0; i < 3; i++) {
		*at += hop(list[i]);
		inner[i] += *of;
		DSU_UPDATE_POINT();
		t.b += inner[i];
	}
	t.a += sum + c;
	t.c += (long)(d * 4);
	return t;
}

static void nothing(void)
{
	static int times;

	hop(0);
	printf("nothing %d\n", ++times);
}

/* Calls itself, so that it is named twice: it is called. */
static int deep(int n)
{
	return n ? hop(deep(n - 1)) : 0;
}

/* Called where gcc sees at once that nothing gets. */
static int never(int n)
{
	return hop(n) + 1;
}

static NOINLINE int caller(int rounds)
{
	static const int list[] = { 3, 1, 2 };
	triple t = { 0, 0, 0 };
	int last = 0;

	if (0)
		last = never(1);
	for (int i = 0; i < rounds; i++) {
		t = mixed((char)i, i / 4.0, t, list, i);
		nothing();
		last += behind(i, &last) + deep(2);
		printf("%ld %ld %ld %d\n", t.a, t.b, t.c, last);
	}
	return last;
}

static int behind(int n, int *where)
{
	union {
		int i;
		char bytes[4];
	} u = { n };

	hop(n);
	*where += u.i;
	hop(n);
	return *where + u.bytes[0];
}

int main(void)
{
	int last = caller(5);

	printf("%d\n", last);
	return 0;
}
