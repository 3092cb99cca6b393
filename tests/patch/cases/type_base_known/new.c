#include "serve.h"

/* Stays as it is and leads to nothing; what begins with it changes, and is known otherwise, too. */
struct shape {
	int kind;
	int id;
};

struct circle {
	struct shape shape;
	long area;
	int radius;
	char name[36];
};

struct slot {
	long since;
	struct shape *shape;
	int uses;
};

static struct slot *slot;
static struct circle *last;

int main(void)
{
	char line[16];

	while (ask(line, sizeof line)) {
		struct circle *circle;

		if (!slot) {
			slot = malloc(sizeof *slot);
			circle = malloc(sizeof *circle);
			circle->shape.kind = 1;
			circle->shape.id = 7;
			circle->radius = 5;
			circle->area = 75;
			strcpy(circle->name, line);
			slot->shape = &circle->shape;
			last = circle;
			slot->uses = 0;
			slot->since = 0;
		}
		circle = (struct circle *)slot->shape;
		answer("new %s %d %d", circle->name, circle->radius, ++slot->uses + last->radius);
	}
	return 0;
}
