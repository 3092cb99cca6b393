/* GNU vector types as locals, parameters and results. */
/* dsu: updates */
#include "case.h"

typedef int v4 __attribute__((vector_size(16)));
typedef float f4 __attribute__((vector_size(16)));

static NOINLINE v4 scale(v4 a, int n)
{
	v4 r = a * n;

	DSU_UPDATE_POINT();
	return r + (v4){ 1, 1, 1, 1 };
}

int main(void)
{
	v4 v = { 1, 2, 3, 4 };
	f4 f = { .5f, hop(1) };

	for (int i = 0; i < 3; i++) {
		v = scale(v, hop(i + 1));
		f += f;
		v[hop(i)]++;
	}
	hop(0);
	printf("%d %d %d %d %.1f %.1f\n", v[0], v[1], v[2], v[3], f[0], f[1]);
	return 0;
}
