#include "serve.h"

extern void dsu_transaction_begin(void), dsu_transaction_end(void);

/* Between the two nothing is updated, although each read is an update point. */
static int both(char *line)
{
	int ok;

	dsu_transaction_begin();
	answer("old first %s", line);
	ok = ask(line, 64);
	answer("old second %s", line);
	dsu_transaction_end();
	return ok;
}

int main(void)
{
	char line[64];

	while (ask(line, sizeof line))
		if (!both(line))
			return 1;
	return 0;
}
