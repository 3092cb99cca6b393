/* Many updates between setjmp and longjmp, and many jumps to one buffer. */
/* dsu: updates */
#include <setjmp.h>

#include "case.h"

struct parser {
	jmp_buf on_error;
	int depth, errors;
};

static NOINLINE void parse(struct parser *p, const char *s)
{
	char buffer[40];

	strcpy(buffer, s);
	p->depth++;
	if (*s == '!')
		longjmp(p->on_error, p->depth);
	if (*s)
		parse(p, s + 1);
	hop(buffer[0]);
	p->depth--;
}

int main(void)
{
	struct parser p = { .errors = 0 };
	static const char *const inputs[] = { "abc", "a!", "abcd!e", "", "!" };
	volatile int i = 0;
	int at = setjmp(p.on_error);

	if (at) {
		p.errors++;
		printf("error at %d ", hop(at));
		i++;
	}
	for (; i < 5; i++) {
		p.depth = 0;
		parse(&p, inputs[i]);
		printf("ok ");
	}
	printf("%d\n", p.errors);
	return 0;
}
