#include <setjmp.h>

#include "serve.h"

/* Loops without end, and no point of any is sure to go on in the new version. */
static void gone(char *line)
{
	for (;;)
		read(0, line, 64);
}

static void either(char *line)
{
	for (;;) {
		read(0, line, 64);
		answer("old %s", line);
	}
}

static void fresh(char *line)
{
	for (;;)
		read(0, line, 64);
}

static void other(char *line)
{
	long value = line[0];

	for (;;) {
		read(0, line, 64);
		answer("%ld", value);
	}
}

static void twice(char *line)
{
	{
		int n = line[0];

		ask(line, 32);
		answer("%d", n);
	}
	{
		int n = line[1];

		for (;;) {
			read(0, line, 64);
			answer("%d", n++);
		}
	}
}

static void jumps(char *line)
{
	jmp_buf at;

	if (setjmp(at))
		answer("again");
	for (;;) {
		read(0, line, 64);
		if (line[0] == 'j')
			longjmp(at, 1);
	}
}

int main(void)
{
	static void (*const all[])(char *) = {gone, either, fresh, other, twice, jumps};
	char line[64];

	ask(line, sizeof line);
	all[line[0] - '0'](line);
	return 0;
}
