#include <string.h>

#include "shared.h"

static int calls;

int find(const char *name)
{
	calls++;
	for (int i = 0; colours[i].name; i++)
		if (!strcmp(colours[i].name, name)) {
			seen++;
			greens += i == 1;
			return colours[i].value + greens * 1000 + seen + calls - calls;
		}
	return -1;
}
