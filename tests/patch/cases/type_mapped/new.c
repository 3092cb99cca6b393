#include "serve.h"

struct thing {
	char name[12];
	long kilos;
	double mass;
	int doubled;
};

enum kind { NOTHING, NUMBER, THING };

struct value {
	void *data, *other;
	enum kind kind;
	union {
		struct thing *item;
		long number;
	} u;
};

static struct value values[2];
static struct value *last;
static void *nothing = values;

int main(void)
{
	char line[8];

	while (ask(line, sizeof line)) {
		struct thing *data = values[0].data;

		answer("new %s %ld %d %g %s %d %d %d %d", values[0].u.item->name, values[0].u.item->kilos,
			values[0].u.item->doubled, data->mass, data->name, values[1].data == values[0].u.item,
			nothing == values, values[0].kind == THING, values[0].other == &values[1]);
	}
	return 0;
}
