/* serve.h - what all cases share: lines in, lines out, with system calls that the runtime wraps. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Reads a line into `line`, without its end; 0 at the end of the input. */
static int ask(char *line, int size)
{
	int n = 0;

	while (n < size - 1) {
		if (read(0, line + n, 1) != 1)
			return 0;
		if (line[n] == '\n')
			break;
		n++;
	}
	line[n] = 0;
	return 1;
}

static void answer(const char *format, ...)
{
	char text[256];
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(text, sizeof text - 1, format, ap);
	va_end(ap);
	text[n] = '\n';
	write(1, text, n + 1);
}
