#include "shared.h"

int second(int n)
{
	return clamp(n * 20) * 2 + next_id();
}
