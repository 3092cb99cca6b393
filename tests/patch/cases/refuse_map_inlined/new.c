#include "serve.h"

struct item {
	long weight;
};

static struct item item = {1};

static inline int more(void)
{
	return 2;
}

int main(void)
{
	char line[8];

	while (ask(line, sizeof line))
		answer("new %d", (int)item.weight + more());
	return 0;
}
