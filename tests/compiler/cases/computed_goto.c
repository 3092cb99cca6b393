/* Computed goto: a small interpreter with calls, whose code keeps the addresses of labels. */
/* dsu: gap on aarch64 the labels of one function are not found again */
/* dsu: updates */
#include "case.h"

struct op {
	const void *opcode;
	int argument;
};

static int run(const char *code)
{
	static void *const table[] = { &&stop, &&push, &&add, &&twice };
	int stack[8], n = 0;

#define NEXT goto *table[(unsigned char)*code++]
	NEXT;
push:
	stack[n++] = hop(*code++);
	NEXT;
add:
	n--;
	stack[n - 1] += stack[n];
	NEXT;
twice:
	stack[n - 1] = hop(stack[n - 1] * 2);
	NEXT;
stop:
	return stack[0];
}

/* Asked without a program it gives its labels; programs hold addresses, as PostgreSQL's do. */
static NOINLINE long threaded(const struct op *op, const void ***labels)
{
	static const void *dispatch[] = { &&op_done, &&op_add, &&op_call, &&op_loop };
	long sum = 0;
	int rounds = 0;

	if (!op) {
		*labels = dispatch;
		return 0;
	}
	goto *((void *)op->opcode);
	{
op_add:
		sum += op->argument;
		op++;
		goto *((void *)op->opcode);
	}
	{
op_call:
		sum = long_hop(sum * 3) + hop(op->argument);
		op++;
		goto *(hop(1) ? (void *)op->opcode : &&op_done);
	}
op_loop:
	if (++rounds < hop(4)) {
		op -= op->argument;
		goto *((void *)op->opcode);
	}
	op++;
	goto *((void *)op->opcode);
op_done:
	return sum;
}

static NOINLINE int first_of(int n)
{
	void *where = n > 2 ? &&big : &&small;
	int s = hop(n);

	goto *where;
small:
	s += hop(1);
	if (s < 4)
		goto *where;
	return s;
big:
	return hop(s) * 10;
}

int main(void)
{
	const void **labels;
	struct op program[6];

	printf("%d\n", hop(run("\1\5\1\7\2\3\1\2\2\0")));
	threaded(NULL, &labels);
	for (int i = 0; i < 6; i++)
		program[i] = (struct op){ labels[(int[]){ 1, 2, 1, 2, 3, 0 }[i]], i + 1 };
	program[4].argument = 3;
	printf("%ld\n", threaded(program, NULL));
	printf("%d\n", first_of(1));
	printf("%d\n", first_of(5));
	return 0;
}
