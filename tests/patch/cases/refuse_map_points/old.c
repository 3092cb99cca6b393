#include "serve.h"

/* As in `unsure`, but the user's mapping file says where the second call goes on. */
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
