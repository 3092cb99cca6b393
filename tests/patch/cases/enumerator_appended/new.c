#include "serve.h"

enum state { IDLE, BUSY, TIRED };

static enum state state;

static void turn(void)
{
	state = state == IDLE ? BUSY : state == BUSY ? TIRED : IDLE;
}

int main(void)
{
	char line[64];

	while (ask(line, sizeof line)) {
		turn();
		answer("%d", state);
	}
	return 0;
}
