#include "serve.h"

/* Stays as it is and leads to nothing; what begins with it, or has it inside, changes. */
struct shape {
	int kind;
	int id;
};

struct circle {
	struct shape shape;
	int radius;
	char name[36];
};

struct slot {
	struct shape *shape;
	int uses;
};

static struct slot *slot;

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
			strcpy(circle->name, line);
			slot->shape = &circle->shape;
			slot->uses = 0;
		}
		circle = (struct circle *)slot->shape;
		answer("old %s %d %d", circle->name, circle->radius, ++slot->uses);
	}
	return 0;
}
