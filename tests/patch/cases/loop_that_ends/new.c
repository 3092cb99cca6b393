#include "serve.h"

/* Nothing in this loop can go on in the new version; but it ends, and then its thread can. */
static int sum(void)
{
	char line[64];
	char last[64] = "none";
	int n = 0;

	answer("start");
	while (ask(line, sizeof line) && line[0] != '.') {
		n += atoi(line);
		answer("more than %s", last);
		strcpy(last, line);
	}
	return n;
}

int main(void)
{
	char line[64];

	for (;;) {
		if (!ask(line, sizeof line))
			return 0;
		if (line[0] == '+')
			answer("new %d", sum());
		else
			answer("new %s", line);
	}
}
