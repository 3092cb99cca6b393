/* A va_list in the middle of its arguments: in the function itself, handed on, copied, of all classes. */
/* dsu: updates */
#include <stdarg.h>

#include "case.h"

struct triple { long a, b, c; };

static NOINLINE double consume(const char *kinds, va_list *more)
{
	double s = 0;

	for (; *kinds; kinds++)
		switch (*kinds) {
		case 'i':
			s = s * 2 + hop(va_arg(*more, int));
			break;
		case 'd':
			s = s * 2 + double_hop(va_arg(*more, double));
			break;
		case 'l':
			s = s * 2 + (double)va_arg(*more, long double);
			hop(0);
			break;
		case 't': {
			struct triple t = va_arg(*more, struct triple);
			s += (double)(t.a + hop((int)t.b) + t.c);
		}
		}
	return s;
}

static NOINLINE double middle(const char *kinds, ...)
{
	va_list list, again;
	double first, second, third;
	int n;

	va_start(list, kinds);
	n = hop(va_arg(list, int));
	va_copy(again, list);
	first = consume(kinds, &list) * hop(n);
	va_end(list);
	hop(1);
	second = consume(kinds, &again);
	va_end(again);
	va_start(list, kinds);
	third = va_arg(list, int) + hop(va_arg(list, int));
	va_end(list);
	return first + second + third;
}

static NOINLINE int forward(char *out, const char *format, ...)
{
	va_list list;
	int n;

	va_start(list, format);
	hop(1);
	n = vsprintf(out, format, list);
	va_end(list);
	return n + hop(0);
}

int main(void)
{
	char text[64];
	struct triple t = { 1, 2, 3 };

	printf("%g\n", middle("iiidddlt", 7, 1, 2, 3, 0.5, 1.5, 2.5, 3.5L, t));
	printf("%g\n", middle("iiiiiiiiidddddddddd", 2, 1, 2, 3, 4, 5, 6, 7, 8, 9, .1, .2, .3, .4, .5, .6, .7, .8, .9, 1.));
	printf("%d", forward(text, "%d %s %.1f", 5, "five", 5.5));
	printf(" %s\n", text);
	return 0;
}
