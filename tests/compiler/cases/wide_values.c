/* long double, _Complex, __int128 and vectors of them: locals, parameters, returns across points. */
/* dsu: updates */
#include <complex.h>

#include "case.h"

typedef __int128 wide;
typedef unsigned __int128 uwide;

static NOINLINE long double extended(long double x, int n)
{
	long double y = x / 3;

	for (int i = 0; i < n; i++)
		y = y * hop(2) + x;
	return n ? extended(y, n - 1) : y;
}

static NOINLINE double _Complex turn(double _Complex z, int n)
{
	double _Complex w = z * z;

	if (hop(n) > 0)
		w += turn(w / 2, n - 1) * I;
	return w - hop(1) * z;
}

static NOINLINE long double _Complex slow(long double _Complex z)
{
	return z * hop(2) + 1.5Li;
}

static NOINLINE wide product(wide a, uwide b, int n)
{
	wide c = a * (wide)b;

	c += hop(n);
	if (n > 0)
		c ^= product(c, b + 1, n - 1) >> 3;
	return c;
}

static NOINLINE float _Complex narrow(float _Complex z, float f)
{
	f += (float)double_hop(0.25);
	return z * f + (float)hop(1);
}

static void show(const char *name, wide w)
{
	printf("%s %llx%016llx\n", name, (unsigned long long)(w >> 64), (unsigned long long)w);
}

int main(void)
{
	double _Complex z = turn(1 + 2 * I, 3);
	float _Complex f = narrow(2.0f - 1.0fi, 0.5f);
	long double _Complex s = slow(2.0Li);
	wide w = product((wide)1 << 70 | 12345, 99, hop(4));

	printf("%.12Lg\n", extended(2.0L, 4));
	printf("%.9g %.9g %.6g %.6g %.6Lg %.6Lg\n", creal(z), cimag(z), (double)crealf(f), (double)cimagf(f),
	       creall(s), cimagl(s));
	show("wide", w + hop(1));
	return 0;
}
