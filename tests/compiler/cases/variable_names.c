/* Names that emitted code might use itself, and names with a dollar sign. */
/* dsu: updates */
#include "case.h"

static int cp = 1, done = 2, record = 3, frame = 4;

static NOINLINE int save(int c, int r)
{
	int cp = hop(c), done = hop(r), live = 5, f$1 = 6, dsu = 7, save_ = cp;

	hop(live);
	return cp + done + live + f$1 + dsu + save_ + record;
}

static NOINLINE int resume(int next, int pop)
{
	int push = hop(next), self = hop(pop), point = push * self;

	return point + frame;
}

static int main_(int argc)
{
	int main = hop(argc);

	return main + cp + done;
}

int main(void)
{
	printf("%d %d %d\n", save(1, 2), resume(3, 4), main_(5));
	return 0;
}
