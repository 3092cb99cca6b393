/* Two files that share inline functions, a static table and a macro from a header. */
/* dsu: updates */
#include "shared.h"

int main(void)
{
	int s = 0;

	for (int i = 0; i < 4; i++)
		s += clamp(i * 10) + second(i) + next_id();
	printf("%d %d\n", s, NAMES(hop(1))[0]);
	return 0;
}
