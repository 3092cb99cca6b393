/* continue inside a switch inside a loop, and in the inner of two loops with calls in increments. */
/* dsu: updates */
#include "case.h"

int main(void)
{
	int s = 0;

	for (int i = 0; i < 9; i += hop(1)) {
		switch (step(i) % 4) {
		case 0:
			continue;
		case 1:
			s += 1;
			break;
		case 2:
			do {
				s += 3;
				if (s % 2)
					continue;
				s++;
			} while (hop(0));
			continue;
		default:
			for (int k = 0; k < 3; k = step(k) + 1) {
				if (k == 1)
					continue;
				s += k * 10;
			}
		}
		printf("%d:%d ", i, s);
	}
	printf("\n%d\n", s);
	return 0;
}
