#include "serve.h"

/* Whoever waits in the second call has its line in `line`: the new call's is another variable. */
int main(void)
{
	char line[64];

	for (;;) {
		if (!ask(line, sizeof line))
			return 0;
		if (line[0] == 'x') {
			char second[64];

			answer("new wants more");
			if (!ask(second, sizeof second))
				return 0;
			answer("new %s %s", line, second);
		} else {
			answer("new %s", line);
		}
	}
}
