#include "../case.h"

static const char *const names[] = { "first", "second" };

#define NAMES(i) (names[hop(i)])

static inline int clamp(int n)
{
	int kept = n;

	hop(0);
	return kept > 25 ? 25 : kept;
}

static inline int next_id(void)
{
	static int id;

	return id += hop(1);
}

int second(int n);
