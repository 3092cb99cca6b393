/* callback.c - see callback.h. For gcc, as a shared library or an object. */
#include "callback.h"

int call_back(int (*f)(int), int x)
{
	return f(x + 1);
}
