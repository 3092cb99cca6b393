/* typeof and __auto_type of expressions, types, arrays, pointers to functions, VLAs' elements. */
/* dsu: updates */
#include "case.h"

static const struct { int a; char b[6]; } fixed = { 3, "fixed" };

static char word[3];

static int same(int x)
{
	return x;
}

static NOINLINE int constant(void)
{
	typeof(fixed) copy = fixed;

	return hop(copy.a) + copy.a;
}

int main(void)
{
	typeof(int) a = hop(1);
	typeof(a) b = a + 1, *pb = &b;
	__typeof__(*pb) c = *pb * 2;
	typeof(word[0]) letter = fixed.b[hop(2)];
	typeof(int[3]) array = { hop(4), 5 };
	typeof(same) *function = same;
	__auto_type d = double_hop(2.5);
	__auto_type e = &array[hop(1)];
	__auto_type f = (short)hop(9);
	typeof(({ int z = 0; z; })) g = 8;
	typeof(d + c) h = d + c;

	for (typeof(a) i = 0; i < 3; i++)
		array[i] += hop(i);
	printf("%d %d %d %d %c %d %d\n", a, b, c, constant(), letter, array[2], function(hop(6)));
	printf("%.1f %d %zu %d %.1f %zu\n", d, *e, sizeof f, g, h, sizeof(typeof(char[7])));
	return 0;
}
