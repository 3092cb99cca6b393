#include "serve.h"

static int twice(char *line, int size)
{
	return ask(line, size) && ask(line, size);
}

static int plain(int a)
{
	return 2 * a;
}

struct work {
	char *text;
	int size;
};

static long serve(struct work *work, int begins)
{
	int count = begins;
	double share = 0;

	while (twice(work->text, work->size)) {
		count++;
		share += 0.5;
		answer("new %s %d %g", work->text, plain(count), share);
	}
	return count;
}

int main(void)
{
	char line[64];
	struct work work = {line, sizeof line};
	long got;

	got = serve(&work, 0);
	answer("new end %ld", got);
	return 0;
}
