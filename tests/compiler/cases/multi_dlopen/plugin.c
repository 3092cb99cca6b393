#include "../case.h"
#include "plugin.h"

static int calls;

static void left(int *p)
{
	calls += *p;
}

int plugin_sum(int (*f)(int), int n)
{
	int total = 0;

	for (int i = 0; i < n; i++)
		total += f(i) + hop(i) * 10;
	calls++;
	return total;
}

int plugin_guarded(int (*f)(int), int n)
{
	__attribute__((cleanup(left))) int kept = n;

	kept += f(n);
	return plugin_sum(f, kept) + calls;
}
