#include "serve.h"

/* Whoever waits in the second call has its line in `line`: the new call's is another variable. */
int main(void)
{
	char line[64];

	for (;;) {
		if (!ask(line, sizeof line))
			return 0;
		if (line[0] == 'x') {
			answer("old wants more");
			if (!ask(line, sizeof line))
				return 0;
			answer("old x %s", line);
		} else {
			answer("old %s", line);
		}
	}
}
