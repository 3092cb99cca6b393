#include "serve.h"

/* The same source, compiled so that its bytes mean something else and its points are others. */
int main(void)
{
	char line[64];
	int sum = 0;

	while (ask(line, sizeof line)) {
		for (int i = 0; line[i]; i++)
			sum += line[i];
		answer("%d", sum);
	}
	return 0;
}
