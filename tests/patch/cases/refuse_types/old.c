#include "serve.h"

struct item {
	int old_count;
	int size;
};

union value {
	long number;
	char *text;
};

struct entry {
	union value value;
	char *key;
};

struct plain {
	struct item *item;
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
static char *where;

int main(void)
{
	char line[16];

	while (ask(line, sizeof line))
		answer("%d %p %p %ld %s", item.old_count, (void *)entry.key, (void *)plain.item, mixed.number, where);
	return 0;
}
