#include "serve.h"

static int local = 1;
int visible = 2;
static int mine = 3;

static int steps(int how)
{
	if (how) {
		static int n;
		return ++n;
	} else {
		static int n;
		return n += 2;
	}
}

static int turns(void)
{
	static int turn;

	return ++turn;
}

int main(void)
{
	char line[64];

	while (ask(line, sizeof line))
		answer("%d %d", local++ + visible++ + mine++ + turns(), steps(line[0] == 'a'));
	return 0;
}
