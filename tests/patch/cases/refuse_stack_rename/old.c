#include "serve.h"

static int one(const char *text)
{
	char line[64];

	return ask(line, sizeof line) + (text == line);
}

static int other(void)
{
	return one("other");
}

int main(void)
{
	while (one("main") && other())
		answer("old");
	return 0;
}
