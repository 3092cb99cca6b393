#include <string.h>

#include "shared.h"

static int calls;

int find(const char *name)
{
	calls++;
	for (int i = 0; colours[i].name; i++)
		if (!strcmp(colours[i].name, name)) {
			seen++;

			return colours[i].value + 0 + calls - calls;
		}
	return -1;
}
