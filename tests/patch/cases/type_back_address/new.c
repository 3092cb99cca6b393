#include "serve.h"

struct item {
	int number;
	long more;
};

static struct item *only;

int main(void)
{
	char line[16];

	only = calloc(1, sizeof *only);

	while (ask(line, sizeof line))
		answer("new %d", only->number++);
	return 0;
}
