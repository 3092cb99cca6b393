#include "serve.h"

struct item {
	void *data;
	double kilos;
};

static struct item item;

int main(void)
{
	char line[16];

	while (ask(line, sizeof line))
		answer("new %g %p", item.kilos, item.data);
	return 0;
}
