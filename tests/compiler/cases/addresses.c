/* Addresses of locals kept in globals, on the heap, in other locals and in a list of frames. */
/* dsu: updates */
#include "case.h"

struct frame {
	struct frame *up;
	const char *name;
	int value;
};

static struct frame *top;
static int *watched;
static int **heap;

static int total(void)
{
	int s = 0;

	for (struct frame *f = top; f; f = f->up)
		s += hop(f->value);
	return s;
}

static NOINLINE void inner(struct frame *caller)
{
	struct frame f = { top, "inner", 3 };
	int local = 5, *p = &local, **pp = &p;

	top = &f;
	heap[1] = &local;
	*watched += hop(10);
	caller->value += step(100);
	**pp += hop(2);
	*heap[1] *= 2;
	printf("%s %d %d %d\n", top->up->name, total(), local, *heap[0]);
	top = f.up;
}

static NOINLINE int outer(int n)
{
	struct frame f = { top, "outer", n };
	int counter = hop(1);
	char buffer[300] = "";
	char *end = buffer;

	top = &f;
	watched = &counter;
	heap[0] = &f.value;
	for (int i = 0; i < 3; i++) {
		inner(&f);
		end += sprintf(end, "%d,", counter);
	}
	top = f.up;
	printf("%s %zu\n", buffer, strlen(buffer));
	return counter + f.value + (top == NULL) + (watched == &counter);
}

int main(void)
{
	heap = calloc(2, sizeof *heap);
	printf("%d\n", outer(1));
	free(heap);
	return 0;
}
