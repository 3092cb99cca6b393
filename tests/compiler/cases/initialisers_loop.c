/* A local with an initialiser is set anew in each round; one without keeps what C lets it keep. */
/* dsu: updates */
#include "case.h"

int main(void)
{
	int total = 0;

	for (int i = 0; i < 4; i++) {
		int fresh[5] = { i };
		struct {
			int a, b;
		} s = { .b = hop(i) };
		char text[8] = "ab";

		fresh[i % 5] += hop(2);
		fresh[4]++;
		s.a += i;
		text[2] = (char)('0' + i);
		total += fresh[0] + fresh[4] * 10 + s.a * 100 + s.b * 1000;
		printf("%d %s\n", total, text);
	}
	return 0;
}
