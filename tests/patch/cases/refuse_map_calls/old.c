#include "serve.h"

struct item {
	int weight;
};

static struct item item = {1};

static int more(void)
{
	char line[8];

	return ask(line, sizeof line);
}

int main(void)
{
	char line[8];

	while (ask(line, sizeof line))
		answer("old %d", (int)item.weight + more());
	return 0;
}
