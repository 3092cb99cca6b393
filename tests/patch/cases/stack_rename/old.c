#include "serve.h"

/* A function that waits is called otherwise; the pointer to it stays good, and so do its frames. */
struct state {
	int count;
};

static int one(struct state *state, int base);
static int (*kept)(struct state *, int) = one;

static int one(struct state *state, int base)
{
	char line[64];
	int own = base;

	while (ask(line, sizeof line) && line[0] != '.') {
		state->count++;
		own++;
		answer("old %s %d %d", line, state->count, own);
	}
	return line[0] == '.' ? own : -1;
}

int main(void)
{
	struct state state = {0};
	int all = 0, got;

	for (;;) {
		got = state.count % 2 ? kept(&state, all) : one(&state, all);
		if (got < 0)
			return 0;
		all = got;
		answer("old all %d", all);
	}
}
