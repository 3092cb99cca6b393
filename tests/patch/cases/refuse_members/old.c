#include "serve.h"

/* Members that change so that no copy is right by itself. */
struct pair {
	int first, second;
};

struct holder {
	struct pair value;
	int size;
};

struct tail {
	int size;
	int body[4];
};

struct loose {
	int size;
	union {
		int number;
		float share;
	};
};

union narrow {
	int number;
	float share;
};

static struct holder holder;
static struct tail tail;
static struct loose loose;
static union narrow narrow;
static __typeof__(sizeof 1) measured;

int main(void)
{
	char line[16];

	while (ask(line, sizeof line))
		answer("%p %p %p %p %p", &holder, &tail, &loose, &narrow, &measured);
	return 0;
}
