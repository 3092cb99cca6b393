/* Inline assembly: inputs, outputs, clobbers, named operands, memory, a plain compiler barrier. */
/* dsu: x86_64 only */
/* dsu: updates */
#include "case.h"

static NOINLINE int add(int a, int b)
{
	int r = hop(a);

	__asm__("addl %1, %0" : "+r"(r) : "r"(b) : "cc");
	return r;
}

static NOINLINE unsigned rotate(unsigned x, int n)
{
	unsigned out;

	hop(n);
	asm volatile("movl %[in], %[out]\n\trolb $1, %b[out]" : [out] "=&q"(out) : [in] "r"(x) : "cc", "memory");
	return hop((int)out) + (unsigned)n;
}

static NOINLINE int store(int v)
{
	int cell = 0, kept = hop(v), array[2] = { 1, 2 };

	__asm__ __volatile__("movl %1, %0" : "=m"(cell) : "r"(kept));
	hop(0);
	__asm__ __volatile__("" ::: "memory");
	__asm__("incl %0" : "+m"(array[1]));
	hop(0);
	return cell * 10 + array[1];
}

int main(void)
{
	for (int i = 0; i < 3; i++)
		printf("%d %u %d\n", add(i, 5), rotate(0x81, i), store(i + 1));
	return 0;
}
