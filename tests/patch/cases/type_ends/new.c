/* Pointers one past the end: of a block that an update has made, and of what an object ends with. */
#include "serve.h"

struct part {
	struct part *peer;
	long n;
	char name[10];
};

struct item {
	struct part *end;
	long count;
	struct part parts[3];
};

static struct item *items, *end, held[2];
static struct {
	struct item table[2];
	long behind;
} inside;

int main(void)
{
	char line[16];

	items = calloc(3, sizeof *items);
	end = items + 3;
	for (struct item *i = items; i < end; i++)
		i->end = i->parts + 3;
	held[0].end = held[0].parts + 3;
	held[1].end = held[1].parts + 3;
	inside.table[1].end = inside.table[1].parts + 3;
	while (ask(line, sizeof line)) {
		long n = 0;

		for (struct item *i = items; i < end; i++)
			for (struct part *p = i->parts; p < i->end; p++)
				n += ++p->n;
		for (struct part *p = held[0].parts; p < held[0].end; p++)
			n += 10 * ++p->n;
		answer("new %ld %d", n,
			held[1].end == held[1].parts + 3 && inside.table[1].end == inside.table[1].parts + 3);
	}
	return 0;
}
