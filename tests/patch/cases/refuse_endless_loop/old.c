#include "serve.h"

int main(void)
{
	char line[64], c;

	for (;;) {
		if (read(0, line, sizeof line) <= 0)
			break;
		answer("old");
	}
	return 0;
}
