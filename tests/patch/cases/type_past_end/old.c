/* Pointers one past the end of an array, right behind which gcc puts another variable. */
#include "serve.h"

struct item {
	int number, more;
};

static struct item items[4] = {{1, 0}, {2, 0}, {3, 0}, {4, 0}};
static struct item *first = items;
static struct item *end = &items[4];

static int sum(void)
{
	int n = 0;

	for (struct item *i = first; i != end; i++)
		n += i->number;
	return n;
}

int main(void)
{
	char line[16];

	while (ask(line, sizeof line)) {
		first->number += 10;
		answer("old %d %d", sum(), (char *)end == (char *)&first || (char *)end == (char *)&end);
	}
	return 0;
}
