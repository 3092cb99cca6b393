/* setjmp used as a condition in every form, with locals that are not changed after it. */
/* dsu: updates */
#include <setjmp.h>

#include "case.h"

static jmp_buf env;

static NOINLINE void jump(int v)
{
	hop(v);
	longjmp(env, v);
}

static NOINLINE int forms(int form)
{
	const int constant = hop(form * 10);
	int before = constant + 1;

	switch (form) {
	case 0:
		if (setjmp(env))
			return before;
		jump(1);
		break;
	case 1:
		if (setjmp(env) == 0)
			jump(7);
		return before + 1;
	case 2:
		if (!setjmp(env))
			jump(9);
		else
			return before + 2;
		break;
	case 3:
		switch (setjmp(env)) {
		case 0:
			jump(3);
			break;
		case 3:
			return before + hop(3);
		}
		break;
	case 4:
		while (setjmp(env) < 3)
			jump(4);
		return before + 4;
	}
	return -1;
}

int main(void)
{
	for (int i = 0; i < 5; i++)
		printf("%d ", forms(i));
	printf("\n");
	return 0;
}
