/*
 * trust.c - the keys by which patches have to be signed, pinned as the program starts.
 *
 * DSU_TRUST names a file with a key a line: the 32 bytes of an Ed25519 public key as hexadecimal
 * digits; what follows on the line, and lines that begin with '#', are for people. They are kept in
 * the arena's file, which no process of the family may write to any more, for dsuctl to find there.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trust.h"

static int digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c | 0x20) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* 0: it is none. */
static int key(uint8_t to[32], const char *line)
{
	for (int i = 0; i < 64; i++) {
		int d = digit(line[i]);

		if (d < 0)
			return 0;
		to[i / 2] = (uint8_t)(to[i / 2] << 4 | d);
	}
	return !line[64] || strchr(" \t\r#", line[64]);
}

/* Null, or what is wrong with the file. */
static const char *keys(struct dsu_trust *t, char *text)
{
	char *rest = text;

	for (char *line; (line = strsep(&rest, "\n"));) {
		line += strspn(line, " \t\r");
		if (!*line || *line == '#')
			continue;
		if (t->nkeys == DSU_KEYS)
			return "too many keys";
		if (!key(t->keys[t->nkeys], line))
			return "a line is no key (64 hexadecimal digits)";
		t->nkeys++;
	}
	return t->nkeys ? NULL : "no keys";
}

static const char *read_file(struct dsu_trust *t, const char *path)
{
	char text[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text);

	if (fd >= 0)
		close(fd);
	if (n < 0)
		return "cannot be read";
	if (n == sizeof text)
		return "too long";
	text[n] = 0;
	return keys(t, text);
}

/* What cannot be understood trusts nobody: then no patch is taken at all. */
void dsu_trust_read(struct dsu_trust *t)
{
	const char *path = secure_getenv("DSU_TRUST"), *wrong;

	t->pinned = path && *path;
	wrong = t->pinned ? read_file(t, path) : NULL;
	if (!wrong)
		return;
	t->nkeys = 0;
	dsu_say("DSU_TRUST=%s: %s; this program will take no patch", path, wrong);
}
