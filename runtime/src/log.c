/* log.c - lines to standard error, without stdio: the program's buffers are not ours. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

static void say(const char *fmt, va_list ap)
{
	char line[512] = "dsu: ";
	int n = vsnprintf(line + 5, sizeof line - 6, fmt, ap);
	size_t len = n < 0 ? 5 : 5 + (size_t)n;

	if (len > sizeof line - 2)
		len = sizeof line - 2;
	line[len++] = '\n';
	if (write(STDERR_FILENO, line, len) < 0)
		return; /* nobody to tell */
}

void dsu_say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}

/* The state of the program is in doubt: going on could only damage it. */
void dsu_die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	abort();
}
