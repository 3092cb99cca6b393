#include "serve.h"

/* A type that stands in the declaration of its variables; a callback that takes such objects. */
static struct place {
	short at;
	struct place *next;
} first = {3, 0}, places[2] = {{4, &first}, {5, places}};

static enum mode { IDLE, BUSY } mode = BUSY;

static int step(struct place *p, int by)
{
	p->at += by;
	return p->at;
}

static int (*volatile hook)(struct place *, int) = step;

int main(void)
{
	char line[16];

	while (ask(line, sizeof line))
		answer("old %d %d %d %d", hook(&first, 1), places[0].next->at, places[1].next->at, mode);
	return 0;
}
