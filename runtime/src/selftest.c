/*
 * selftest.c - DSU_UPDATE_AT: the program updates itself to itself, without a coordinator.
 *
 *   DSU_UPDATE_AT=7        at the 7th dynamic update point
 *   DSU_UPDATE_AT=3,7,9    at these
 *   DSU_UPDATE_AT=*%2 (with a slash for %) at every second
 *   DSU_UPDATE_AT=0        never; points are counted
 *   DSU_REPORT=1           one line at exit: "dsu: N updates, M blocked, K points"
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

int dsu_selftest;

static unsigned long points, updates, blocked;
static unsigned long every, next;
static const char *list, *rest; /* all of it, and what is left */
static int due;
static pid_t first;

static void advance(void)
{
	char *end;

	next = rest && *rest ? strtoul(rest, &end, 10) : 0;
	if (!next)
		rest = NULL;
	else
		rest = *end == ',' ? end + 1 : NULL;
}

static void report(void)
{
	if (getpid() ==
		first) /* forked children that leave by exit() have said nothing of their own */
		dsu_say("%lu updates, %lu blocked, %lu points", updates, blocked, points);
}

void dsu_selftest_init(void)
{
	const char *at = secure_getenv("DSU_UPDATE_AT"), *say = secure_getenv("DSU_REPORT");

	if (!at || !*at)
		return;
	dsu_selftest = 1;
	if (!strncmp(at, "*/", 2))
		every = strtoul(at + 2, NULL, 10);
	else
		rest = list = strdup(at); /* programs overwrite their environment; never freed */
	advance();
	first = getpid();
	if (say && !strcmp(say, "1"))
		atexit(report);
	dsu_request_set(DSU_SELFTEST);
}

/* An update that was blocked stays due. */
int dsu_selftest_due(void)
{
	points++;
	if (every && points % every == 0)
		due = 1;
	while (next && next <= points) {
		due = 1;
		advance();
	}
	return due;
}

void dsu_selftest_done(int updated)
{
	if (updated) {
		due = 0;
		updates++;
	} else {
		blocked++;
	}
}
