/* Computed goto with a table of labels: a small interpreter with calls. Compiled untouched. */
/* dsu: untouched run address of a label */
#include "case.h"

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

int main(void)
{
	printf("%d\n", hop(run("\1\5\1\7\2\3\1\2\2\0")));
	return 0;
}
