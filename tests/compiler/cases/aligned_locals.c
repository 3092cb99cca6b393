/* Aligned and over-aligned locals keep their alignment through an update. */
/* dsu: updates */
/* dsu: untouched page aligned to more */
#include <stdint.h>

#include "case.h"

struct wide { int v[4]; } __attribute__((aligned(32)));

static NOINLINE int aligned(int n)
{
	__attribute__((aligned(64))) char line[64];
	_Alignas(32) int v[3] = { n };
	int skewed __attribute__((aligned(64))) = hop(n), beside = 2;
	_Alignas(double) char word[8] = { (char)n };
	struct wide w = { { hop(n) } };

	line[0] = (char)hop(n);
	hop(0);
	if ((uintptr_t)line % 64 + (uintptr_t)v % 32 + (uintptr_t)&skewed % 64 + (uintptr_t)word % 8)
		return -1;
	return (int)((uintptr_t)&w % 32) + skewed + line[0] + v[0] + word[0] + w.v[0] + hop(beside);
}

static NOINLINE int page(int n)
{
	char all[64] __attribute__((aligned(4096)));

	all[1] = (char)hop(n);
	return all[1] + (int)((uintptr_t)all % 4096);
}

int main(void)
{
	printf("%d\n", aligned(1));
	printf("%d\n", aligned(4));
	printf("%d\n", page(5));
	return 0;
}
