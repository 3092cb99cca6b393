/* An object in an array of characters of an active function: nobody knows its type. */
#include "serve.h"

struct item {
	long more, number;
	struct item *next;
};

static struct item *kept;

static int serve(void)
{
	char storage[64] __attribute__((aligned(16)));
	char line[16];

	kept = (struct item *)storage;
	kept->number = 5;
	while (ask(line, sizeof line))
		answer("new %ld", kept->number);
	return storage[0];
}

int main(void)
{
	return serve() == 0;
}
