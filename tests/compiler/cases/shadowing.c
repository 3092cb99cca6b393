/* Shadowed names: locals over locals, over parameters, globals, functions, typedefs and macros' names. */
/* dsu: updates */
#include "case.h"

typedef int number;
static int x = 1, value = 50;

static int twice(int twice)
{
	return hop(twice) * 2;
}

static int layers(int x)
{
	int y = x;

	{
		int x = y + 1;

		y = hop(x);
		{
			int x = y * 10, y = hop(3);

			for (int x = 0; x < 2; x++)
				y += step(x);
			if (x > y) {
				double x = 0.5;

				y += (int)(x * 4) + hop(1);
			}
			x += y;
			printf("%d ", x);
		}
		x++;
		y += x;
	}
	return x + y;
}

static int outer(void)
{
	int x = hop(7);

	{
		extern int visible;

		x += visible;
	}
	{
		number number = 3;

		x += hop(number);
	}
	{
		int step_two(int), x_too = 1;

		x += step_two(x_too);
	}
	return x;
}

int visible = 1000;

int step_two(int n)
{
	return hop(n) + 2;
}

int value_of(void)
{
	int step = hop(4), hop = step * 2;

	return step + hop + value;
}

int main(void)
{
	int printf_ = 0, n = x;

	{
		int x = (int)sizeof(x) + 1;

		printf_ += hop(x);
	}
	printf("%d %d %d %d %d %d\n", twice(4), layers(2), outer(), value_of(), n, printf_);
	return 0;
}
