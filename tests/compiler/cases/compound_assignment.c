/* Compound assignments with calls on either side; the left side is evaluated once. */
/* dsu: updates */
#include "case.h"

static int count;

static NOINLINE int next(void)
{
	DSU_UPDATE_POINT();
	return count++;
}

static NOINLINE int *slot(int *p)
{
	DSU_UPDATE_POINT();
	count += 100;
	return p;
}

int main(void)
{
	int a[4] = { 1, 2, 3, 4 }, x = 10;
	char c = 100;
	unsigned char u = 250;
	double d = 1.5;
	int *p = a;
	struct {
		int f;
		unsigned b : 5;
	} s = { 1, 30 };

	a[next()] += hop(10);
	a[next()] *= hop(3);
	a[next()] <<= step(2);
	a[next()]--;
	*slot(&a[1]) -= hop(1);
	(*slot(&x))++;
	x += x * hop(2);
	x -= hop(x) - 1;
	c += hop(100);
	u += hop(10);
	d *= hop(3);
	d += x ? double_hop(.25) : 0;
	*p++ += hop(5);
	*p++ ^= step(0xff);
	s.f |= hop(6);
	s.b += hop(3);
	p[hop(-1)] %= hop(7);
	x = a[hop(0)] = a[hop(2)] = hop(8);
	printf("%d %d %d %d %d %d %d %.2f %d %d %td %d\n", a[0], a[1], a[2], a[3], x, c, u, d, s.f, s.b, p - a, count);
	return 0;
}
