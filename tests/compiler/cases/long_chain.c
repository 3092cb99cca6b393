/* Six hundred `else if`s, one inside the other as a parser sees them. */
/* dsu: updates */
#include "case.h"

#define ONE(n) else if (hop(x) == (n)) r += (n) * 3 + (x & 1);
#define TEN(n) ONE(n) ONE(n + 1) ONE(n + 2) ONE(n + 3) ONE(n + 4) ONE(n + 5) ONE(n + 6) ONE(n + 7) ONE(n + 8) ONE(n + 9)
#define HUNDRED(n) TEN(n) TEN(n + 10) TEN(n + 20) TEN(n + 30) TEN(n + 40) TEN(n + 50) TEN(n + 60) TEN(n + 70) TEN(n + 80) TEN(n + 90)

static NOINLINE int chain(int x)
{
	int r = 1;

	if (x < 0)
		r = hop(x);
	HUNDRED(0) HUNDRED(100) HUNDRED(200) HUNDRED(300) HUNDRED(400) HUNDRED(500)
	return r;
}

int main(void)
{
	printf("%d %d %d\n", chain(3), chain(599), chain(600));
	return 0;
}
