/* reasons.c - text for people and for scripts. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ctl.h"

void because(struct reasons *r, const char *fmt, ...)
{
	size_t room = sizeof r->text - r->len;
	va_list ap;
	int n;

	if (r->len && room > 1) {
		r->text[r->len++] = '\n';
		room--;
	}
	va_start(ap, fmt);
	n = vsnprintf(r->text + r->len, room, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	/* Names come from files and programs: no terminal's escape sequences, valid JSON. */
	for (char *p = r->text + r->len; *p; p++)
		if ((unsigned char)*p < 32 || (unsigned char)*p > 126)
			*p = '?';
	r->len += (size_t)n < room ? (size_t)n : room - 1;
}

void hex(char *to, const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sprintf(to + 2 * i, "%02x", bytes[i]);
}

/* Bytes that are no ASCII may be no UTF-8 either. */
void json_write(FILE *to, const char *s)
{
	putc('"', to);
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			fprintf(to, "\\%c", *s);
		else if ((unsigned char)*s < 32 || (unsigned char)*s > 126)
			fprintf(to, "\\u%04x", (unsigned char)*s);
		else
			putc(*s, to);
	}
	putc('"', to);
}

void json_string(const char *s)
{
	json_write(stdout, s);
}
