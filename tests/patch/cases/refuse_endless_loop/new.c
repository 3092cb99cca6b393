#include "serve.h"

int main(void)
{
	char line[64];
	int n = 1;

	while (n) {
		n += (int)readlink("/", line, sizeof line) > 0 || sleep(1);
		answer("new");
	}
	return 0;
}
