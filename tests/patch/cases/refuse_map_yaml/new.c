#include "serve.h"

static int step = 50;

int main(void)
{
	char line[64];

	while (ask(line, sizeof line)) {
		step++;
		answer("new %d", step);
	}
	return 0;
}
