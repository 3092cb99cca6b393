/* A static local is one object in all variants of its function, also between a read and a write of it. */
/* dsu: updates */
#include "case.h"

static unsigned random_number(void)
{
	static unsigned state = 1;

	state = state * 1103515245u + 12345u;
	DSU_UPDATE_POINT();
	state ^= state >> 7;
	return state >> 16 & 0x7fff;
}

int main(void)
{
	for (int i = 0; i < 12; i++)
		printf("%u ", random_number());
	printf("\n");
	return 0;
}
