#include "serve.h"
#include "plugin.h"

static void *data;

/* Two files have a type of the same name each, and both change; objects of the first are there. */
int main(void)
{
	char line[16];

	while (ask(line, sizeof line)) {
		if (!data)
			data = line[0] == 'a' ? one_init() : two_init();
		answer("%s", line[0] == 'a' ? one_handle(data) : two_handle(data));
	}
	return 0;
}
