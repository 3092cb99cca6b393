#include <assert.h>

#include "serve.h"

static int weigh(const char *line)
{
	assert(line[0] != '!');
	return (int)strlen(line);
}

int main(void)
{
	char line[64];

	while (ask(line, sizeof line)) {
		assert(line[0] != '?');
		answer("%d", weigh(line));
	}
	return 0;
}
