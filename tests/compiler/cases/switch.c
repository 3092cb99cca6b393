/* switch: fall-through, default in the middle, declarations inside, nested, and without a case. */
/* dsu: updates */
#include "case.h"

static int classify(int n)
{
	int s = 0;

	switch (hop(n)) {
		int inside;
	case 1:
		s += 1;
		/* fall through */
	case 2:
		inside = hop(20);
		s += inside;
		break;
	default:
		s += 1000;
		/* fall through */
	case 3:
		inside = 300;
		s += step(inside);
	case 4: {
		int inside = hop(4);

		s += inside;
	}
	}
	return s;
}

static int nested(int a, int b)
{
	switch (a) {
	case 0:
		switch (step(b)) {
		case 0:
			return hop(0);
		case 1:
			break;
		default:
			return 2;
		}
		return 1;
	case 1:
		if (b)
	case 2:
			return hop(12);
		break;
	}
	switch (b)
		;
	switch (b) {
	}
	switch (hop(b))
	case 2:
		return 99;
	return 50;
}

static int unsigned_case(unsigned char c)
{
	switch (c) {
	case 'a':
		return hop(1);
	case 0xff:
		return hop(2);
	case '\n':
		return 3;
	}
	return 0;
}

int main(void)
{
	for (int i = 0; i < 6; i++)
		printf("%d ", classify(i));
	for (int i = 0; i < 9; i++)
		printf("%d ", nested(i / 3, i % 3));
	printf("%d%d%d%d\n", unsigned_case('a'), unsigned_case(255), unsigned_case('\n'), unsigned_case(7));
	return 0;
}
