#include "serve.h"

/* Changed and unchanged functions by turns on the stack, an array and a pointer into it. */
static int serve(char *line, int size, int depth, int *sum)
{
	int got, local = depth * 10;

	if (depth > 0) {
		got = serve(line, size, depth - 1, &local);
		*sum += local;
		return got;
	}
	got = ask(line, size);
	*sum += 1000;
	return got;
}

static int gather(char *line, int size)
{
	int sum = 0, got = serve(line, size, 3, &sum);

	answer("new %d %s", sum, line);
	return got;
}

int main(void)
{
	char line[64] = "";

	while (gather(line, sizeof line))
		;
	return 0;
}
