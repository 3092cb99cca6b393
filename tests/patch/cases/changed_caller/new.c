#include "serve.h"

/* Another signature: whoever calls it is in the patch. */
__attribute__((noinline)) long weigh(const char *line, long factor)
{
	return factor * (long)strlen(line);
}

__attribute__((noinline)) void reply(const char *line)
{
	answer("new %ld", weigh(line, 1000000000000));
}

int main(void)
{
	char line[64];

	while (ask(line, sizeof line))
		reply(line);
	return 0;
}
