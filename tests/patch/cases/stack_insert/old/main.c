#include "serve.h"

/* Between main and a function of another file there is one more in the new version. */
int step(char *line, int size, int *count);

int main(void)
{
	char line[64];
	int count = 0;

	while (step(line, sizeof line, &count))
		answer("old %s %d", line, count);
	return 0;
}
