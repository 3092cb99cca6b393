#include "serve.h"

struct item {
	int count;
	int size;
};

union value {
	double number;
	char *text;
};

struct entry {
	union value value;
	char *key;
	int more;
};

struct plain {
	struct entry *item;
	int length;
};

struct mixed {
	union {
		struct item *item;
		long number;
	};
};

static struct item item;
static struct entry entry;
static struct plain plain;
static struct mixed mixed;
static long where;

int main(void)
{
	char line[16];

	while (ask(line, sizeof line))
		answer("%d %p %p %ld %ld", item.count, (void *)entry.key, (void *)plain.item, mixed.number, where);
	return 0;
}
