/* Aligned and over-aligned locals keep their alignment through an update. */
#include <stdint.h>

#include "case.h"

static NOINLINE int aligned(int n)
{
	__attribute__((aligned(64))) char line[64];
	_Alignas(32) int v[3] = { n };
	int skewed __attribute__((aligned(128))) = hop(n);

	line[0] = (char)hop(n);
	hop(0);
	return (int)((uintptr_t)line % 64 + (uintptr_t)v % 32 + (uintptr_t)&skewed % 128) + skewed + line[0] + v[0];
}

int main(void)
{
	printf("%d %d\n", aligned(1), aligned(4));
	return 0;
}
