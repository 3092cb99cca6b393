#include <setjmp.h>

#include "serve.h"

/* Loops without end, and no point of any is sure to go on in the new version. */
static void gone(char *line)
{
	for (;;)
		line[0] += (char)sleep(1);
}

static void either(char *line)
{
	char more[64];

	for (;;) {
		if (sleep(1) + read(0, more, 64) > 0)
			read(0, line + 1, 32);
		read(0, more, 16);
	}
}

static void fresh(char *line)
{
	int count = line[0];

	for (;;) {
		read(0, line, 64);
		answer("%d", count++);
	}
}

static void other(char *line)
{
	const char *value = line[0] ? "a" : "b";

	for (;;) {
		read(0, line, 64);
		answer("%s", value);
	}
}

static void twice(char *line)
{
	{
		long n = line[0];

		ask(line, 32);
		answer("%ld", n);
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
	if (setjmp(at))
		answer("twice");
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
