#include "serve.h"

static int several(const char *text)
{
	char line[64];

	return ask(line, sizeof line) + (text == line);
}

static int another(void)
{
	return several("other");
}

int main(void)
{
	while (several("main") && another())
		answer("new");
	return 0;
}
