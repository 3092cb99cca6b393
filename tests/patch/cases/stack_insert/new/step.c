#include "serve.h"

int step(char *line, int size, int *count)
{
	int got = ask(line, size);

	*count += got;
	return got;
}
