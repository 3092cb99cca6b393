#include "shared.h"

int seen;

struct colour colours[] = {
	{ "red", 1 },

	{ 0, 0 },
};
