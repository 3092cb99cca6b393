/* main with three parameters, changed inside, and called recursively. */
/* dsu: updates */
#include "case.h"

int main(int argc, char **argv, char **envp)
{
	static int calls;

	if (calls++ < 3) {
		argc = hop(argc + 1);
		return main(argc, argv, envp);
	}
	printf("%d %d %d %d\n", argc, calls, argv[0] != NULL, envp != NULL && hop(1));
	return hop(argc);
}
