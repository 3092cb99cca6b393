#include "shared.h"

int seen;
int greens = 3;
struct colour colours[] = {
	{ "red", 1 },
	{ "green", 7 },
	{ 0, 0 },
};
