/* goto out of and into loops and blocks, forwards and backwards, past declarations. */
/* dsu: updates */
#include "case.h"

static int into(int n)
{
	int s = 0;

	if (n > 2)
		goto inside;
	while (n > 0) {
		s += 100;
inside:
		s += hop(n);
		n--;
	}
	return s;
}

static int out(int n)
{
	int i, j;

	for (i = 0; i < n; i++) {
		for (j = 0; j < n; j++) {
			int p = hop(i) * j;

			if (p == 6)
				goto found;
		}
	}
	return -1;
found:
	return i * 10 + j;
}

static int backwards(int n)
{
	int s = 0;
again:
	{
		int t = step(n);

		s += t;
		if (--n)
			goto again;
	}
	goto end;
end:
	return s;
}

static int across(int n)
{
	{
		int a = 1;

		if (n)
			goto other;
		printf("a%d", a);
	}
	{
		int b;
other:
		b = hop(n + 1);
		printf("b%d ", b);
	}
	return n;
}

int main(void)
{
	printf("%d %d\n", into(2), into(5));
	printf("%d %d\n", out(5), out(1));
	printf("%d\n", backwards(6));
	across(0);
	across(1);
	printf("\n");
	return 0;
}
