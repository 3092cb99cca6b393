/* Variadic functions: va_list passed on, va_copy, va_start behind a call, read across updates. */
/* dsu: updates */
#include <stdarg.h>

#include "case.h"

static int total(int n, va_list ap)
{
	int s = 0;

	while (n-- > 0)
		s += hop(va_arg(ap, int));
	return s;
}

static NOINLINE int sum(int n, ...)
{
	va_list ap;
	int s;

	hop(n);
	va_start(ap, n);
	s = total(n, ap);
	va_end(ap);
	return s;
}

static NOINLINE double mixed(const char *types, ...)
{
	va_list ap, copy;
	double s = 0;

	va_start(ap, types);
	hop(1);
	va_copy(copy, ap);
	for (const char *t = types; *t; t++) {
		switch (*t) {
		case 'i':
			s += va_arg(ap, int);
			break;
		case 'd':
			s += va_arg(ap, double);
			break;
		case 'l':
			s += (double)va_arg(ap, long);
			break;
		case 's':
			s += (double)strlen(va_arg(ap, char *));
			break;
		}
		hop(2);
	}
	va_end(ap);
	s = s * 100 + va_arg(copy, int);
	va_end(copy);
	return s;
}

static void format(char *to, size_t n, const char *f, ...)
{
	va_list ap;

	va_start(ap, f);
	hop(3);
	vsnprintf(to, n, f, ap);
	va_end(ap);
}

int main(void)
{
	char text[64];

	printf("%d %d\n", sum(3, 1, 2, 3), sum(10, hop(1), 2, 3, 4, 5, 6, 7, 8, 9, hop(10)));
	printf("%.2f\n", mixed("idlsiiidddddddddd", 1, 2.5, 3L, "four", 5, 6, 7, 8., 9., 10., 11., 12., 13., 14., 15., 16., 17.));
	format(text, sizeof text, "%s-%d-%.1f", "a", hop(2), 3.5);
	puts(text);
	printf("%d %s %d\n", hop(1), (char *)pointer_hop("two"), hop(3));
	return 0;
}
