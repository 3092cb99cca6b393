#include "serve.h"

/* A function that waits is called otherwise; the pointer to it stays good, and so do its frames. */
struct state {
	int count;
};

static int several(struct state *state, int base);
static int (*kept)(struct state *, int) = several;

static int several(struct state *state, int base)
{
	char line[64];
	int own = base;

	while (ask(line, sizeof line) && line[0] != '.') {
		state->count++;
		own++;
		answer("new %s %d %d", line, state->count, own);
	}
	return line[0] == '.' ? own : -1;
}

int main(void)
{
	struct state state = {0};
	int all = 0, got;

	for (;;) {
		got = state.count % 2 ? kept(&state, all) : several(&state, all);
		if (got < 0)
			return 0;
		all = got;
		answer("new all %d", all);
	}
}
