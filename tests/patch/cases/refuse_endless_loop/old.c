#include "serve.h"

int main(void)
{
	char line[64], c;

	while (read(0, line, sizeof line) > 0)
		answer("old");
	return 0;
}
