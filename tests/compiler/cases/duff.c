/* Duff's device: case labels inside a loop inside the switch. */
/* dsu: updates */
#include "case.h"

static int copy(char *to, const char *from, int count)
{
	int n = (count + 3) / 4, rounds = 0;

	switch (count % 4) {
	case 0:
		do {
			rounds++;
			*to++ = *from++;
	case 3:
			*to++ = (char)hop(*from++);
	case 2:
			*to++ = *from++;
	case 1:
			*to++ = (char)step(*from++);
		} while (hop(--n) > 0);
	}
	return rounds;
}

int main(void)
{
	char to[20];

	for (int i = 1; i < 12; i++) {
		memset(to, '.', sizeof to);
		to[19] = 0;
		printf("%d ", copy(to, "abcdefghijklmnop", i));
		printf("%s\n", to);
	}
	return 0;
}
