#include "serve.h"

/* Members that change so that no copy is right by itself. */
union either {
	int first;
	float second;
};

struct holder {
	union either value;
	int size;
};

struct tail {
	int size;
	int body[];
};

struct loose {
	int size;
	union {
		long number;
		float share;
	};
};

union narrow {
	int number;
};

static struct holder holder;
static struct tail tail;
static struct loose loose;
static union narrow narrow;
static __typeof__('a' + 1) measured;

int main(void)
{
	char line[16];

	while (ask(line, sizeof line))
		answer("%p %p %p %p %p", &holder, &tail, &loose, &narrow, &measured);
	return 0;
}
