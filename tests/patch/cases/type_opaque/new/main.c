#include "serve.h"
#include "box.h"

/* Of a box nothing is known here but that it is one. */
static struct box *kept;

int main(void)
{
	char line[16];

	kept = box_new(7);
	while (ask(line, sizeof line))
		answer("weighs %d", box_weight(kept));
	return 0;
}
