#include "serve.h"

#include "shared.h"

static int calls;

int main(void)
{
	char line[64];

	while (ask(line, sizeof line)) {
		calls++;
		answer("%d %d", calls, scaled(find(line)));
	}
	return 0;
}
