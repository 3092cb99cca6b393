/* float, double, long double and complex values live across updates, bit for bit. */
/* dsu: updates */
/* dsu: untouched parts cannot be parsed */
/* dsu: flags -lm -ffp-contract=off */
#include <complex.h>
#include <math.h>

#include "case.h"

static NOINLINE long double longer(long double x)
{
	long double kept = x / 3;

	DSU_UPDATE_POINT();
	return kept * 2;
}

static NOINLINE float shorter(float x)
{
	DSU_UPDATE_POINT();
	return x * 0.1f;
}

static NOINLINE double complex turn(double complex z, float complex w)
{
	double complex r = z * I;

	DSU_UPDATE_POINT();
	return r + w;
}

static NOINLINE double parts(double complex z)
{
	__real__ z = hop(3);
	return __real__ z + __imag__ z;
}

int main(void)
{
	float f = 1;
	double d = 1, nan = NAN, minus = -0.0;
	long double l = 1;
	double complex z = 1 + 2 * I;
	float complex w = 0.5f;

	for (int i = 0; i < 4; i++) {
		f += shorter(f) + (float)hop(i);
		d = d * double_hop(1.1) + (d > 1 ? double_hop(.1) : 0);
		l += longer(l) * d;
		z = turn(z, w);
		w *= (float)hop(2);
		printf("%a %a %La %.3f%+.3fi\n", f, d, l, creal(z), cimag(z));
	}
	hop(0);
	printf("%d %d %d %.6f\n", isnan(nan) != 0, signbit(minus) != 0, hop(1) ? (int)floor(2.5) : 0, sqrt(double_hop(2)));
	printf("%.1f %.1f\n", parts(z), (double)cabs(z) > 3 ? 1. : 0.);
	return 0;
}
