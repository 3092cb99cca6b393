#include "serve.h"

/* The new version keeps fewer addresses: nobody knows what the others led to. */
struct item {
	int number;
	char *names[2];
};

static struct item item;

int main(void)
{
	char line[16];

	while (ask(line, sizeof line)) {
		item.names[item.number++ % 2] = "a";
		answer("new %d", item.number);
	}
	return 0;
}
