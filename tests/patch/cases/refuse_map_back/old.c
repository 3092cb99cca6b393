#include "serve.h"

struct item {
	void *data;
	int grams;
};

static struct item item;

int main(void)
{
	char line[16];

	while (ask(line, sizeof line))
		answer("old %d %p", item.grams, item.data);
	return 0;
}
