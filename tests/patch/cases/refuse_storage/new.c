#include "serve.h"

int local = 1;
static int visible = 2;
static __thread int mine = 3;

static int steps(int how)
{
	if (how > 1) {
		static int n;
		return n += 3;
	} else if (how) {
		static int n;
		return ++n;
	} else {
		static int n;
		return n += 2;
	}
}

static int turns(void)
{
	static __thread int turn;

	return ++turn;
}

int main(void)
{
	char line[64];

	while (ask(line, sizeof line))
		answer("%d %d", local++ + visible++ + mine++ + turns(), steps(line[0] == 'a'));
	return 0;
}
