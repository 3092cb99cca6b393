/* __int128 locals, parameters and results: 16 bytes in a record. */
/* dsu: updates */
#include "case.h"

static NOINLINE __int128 multiply(__int128 a, unsigned __int128 b)
{
	__int128 r = a;

	DSU_UPDATE_POINT();
	r *= (__int128)b;
	return r + hop(1);
}

int main(void)
{
	__int128 v = 1;
	__uint128_t u = 0;

	for (int i = 0; i < 4; i++) {
		v = multiply(v + hop(i), 1000000007u);
		u = u << 20 | (unsigned)hop(i + 1);
		printf("%016llx%016llx %016llx%016llx\n", (unsigned long long)(v >> 64), (unsigned long long)v,
			   (unsigned long long)(u >> 64), (unsigned long long)u);
	}
	return 0;
}
