/* A failing assert names the user's file, line, function and expression, and aborts. */
#include <assert.h>
#include <signal.h>
#include <unistd.h>

#include "case.h"

static void aborted(int sig)
{
	_exit(sig == SIGABRT ? 3 : 4);
}

static int checked(int n)
{
	assert(n > 0 && "positive");
	assert(hop(n) < 3);
	return n;
}

int main(void)
{
	dup2(1, 2);
	setvbuf(stdout, NULL, _IONBF, 0);
	signal(SIGABRT, aborted);
	for (int i = 1; i < 5; i++)
		printf("%d\n", checked(i));
	return 0;
}
