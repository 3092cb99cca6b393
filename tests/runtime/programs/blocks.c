/*
 * blocks.c - memory of frames that no table lists: alloca, variable-length arrays, lists of arguments.
 * For each line says how deep the stack is, and whether all of that has kept its bytes and its place.
 * "m" takes one block more. For dsucc.
 */
#include <alloca.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char *bottom;

static __attribute__((noinline)) long depth(void)
{
	char here;

	__asm__ volatile("" : : "r"(&here) : "memory");
	return (long)(bottom - &here);
}

static int turn(char *line)
{
	return read(0, line, 1) == 1;
}

static int loop(int n, ...)
{
	char line[4], array[n * 40], *block = alloca((size_t)n * 100), *more = NULL;
	const char *was = block;
	va_list ap;
	int right;

	memset(array, 'a', sizeof array);
	memset(block, 'b', (size_t)n * 100);
	va_start(ap, n);
	while (turn(line)) {
		va_list copy;

		right = block == was && block[n * 100 - 1] == 'b' && block[0] == 'b';
		right &= array[0] == 'a' && array[sizeof array - 1] == 'a';
		va_copy(copy, ap);
		right &= va_arg(copy, int) == 4711 && va_arg(copy, double) == 0.5;
		va_end(copy);
		if (*line == 'm') {
			more = alloca(64);
			memset(more, 'm', 64);
		}
		right &= !more || (more[0] == 'm' && more[63] == 'm');
		printf("%d %ld\n", right, depth());
		fflush(stdout);
	}
	va_end(ap);
	return n;
}

int main(void)
{
	char here;

	bottom = &here;
	return loop(7, 4711, 0.5) != 7;
}
