/* GNU case ranges, with calls around them. */
/* dsu: updates */
#include "case.h"

static const char *kind(int c)
{
	switch (hop(c)) {
	case '0' ... '9':
		return "digit";
	case 'a' ... 'f':
	case 'A' ... 'F':
		hop(c);
		return "hex";
	case 'g' ... 'z':
		return "letter";
	case -5 ... -1:
		return "negative";
	default:
		return "other";
	}
}

int main(void)
{
	const char *p;

	for (p = "0b9zF~q"; *p; p++)
		printf("%c %s\n", *p, kind(*p));
	puts(kind(-3));
	return 0;
}
