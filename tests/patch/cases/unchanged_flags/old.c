#include "serve.h"

int main(void)
{
	char line[64];

	while (ask(line, sizeof line))
		answer("%s", line);
	return 0;
}
