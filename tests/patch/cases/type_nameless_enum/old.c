#include <stdlib.h>

#include "serve.h"

enum state { IDLE, BUSY };

/* Both versions have this one, and nothing of it changes. */
struct chunk {
	enum { MEMORY, FILES } kind;
	struct chunk *next;
};

static enum state state;
static struct chunk *first;
static enum { NEVER, ONCE } asked;

static void turn(void)
{
	struct chunk *made = malloc(sizeof *made);

	if (!made)
		abort();
	made->kind = asked == NEVER ? MEMORY : FILES;
	made->next = first;
	first = made;
	asked = ONCE;
	state = state == IDLE ? BUSY : IDLE;
}

int main(void)
{
	char line[64];

	while (ask(line, sizeof line)) {
		int files = 0;

		turn();
		for (const struct chunk *c = first; c; c = c->next)
			files += c->kind == FILES;
		answer("%d %d", state, files);
	}
	return 0;
}
