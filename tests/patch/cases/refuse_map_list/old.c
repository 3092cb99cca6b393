#include "serve.h"

static int step = 5;

int main(void)
{
	char line[64];

	while (ask(line, sizeof line)) {
		step++;
		answer("old %d", step);
	}
	return 0;
}
