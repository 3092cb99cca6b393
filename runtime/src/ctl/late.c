/* late.c - why a thread that was asked has not come. */
#include <stdio.h>
#include <string.h>

#include "round.h"

#define LATE 50e3 /* us: until then nobody looks, for it costs time */

/* The first line of a file of a thread's in /proc that begins with `key`, behind that; 0: there is none. */
static int line_of(const struct member *m, const char *file, const char *key, char *line, int room)
{
	size_t n = strlen(key);
	char path[64];
	int found = 0;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/task/%d/%s", m->pid, m->tid ? m->tid : m->pid, file);
	f = fopen(path, "re");
	while (f && !found && fgets(line, room, f))
		found = !strncmp(line, key, n);
	if (f)
		fclose(f);
	if (found)
		memmove(line, line + n, strlen(line + n) + 1);
	return found;
}

/* In all its life, ns. */
static uint64_t ran(const struct member *m)
{
	unsigned long ns;
	char line[128];

	return line_of(m, "schedstat", "", line, sizeof line) && sscanf(line, "%lu", &ns) == 1 ? ns
											       : 0;
}

/* While it is being waited for. */
void late_look(struct round *r, double now)
{
	if (r->looked > 0 || now - r->asked < LATE)
		return;
	r->looked = now;
	for (int i = 0; i < r->n; i++)
		r->ran[r->members[i].slot] = ran(&r->members[i]);
}

/* It could run, and mostly others did. */
static int starves(const struct round *r, const struct member *m, char *text, size_t room)
{
	double ms = (now_us() - r->looked) / 1e3, for_ms;
	char state[64];

	if (r->looked <= 0 || !line_of(m, "status", "State:\t", state, sizeof state) ||
		*state != 'R')
		return 0;
	for_ms = (double)(int64_t)(ran(m) - r->ran[m->slot]) / 1e6;
	if (for_ms < 0 || for_ms > ms / 2) /* less than nothing: another one's slot by now */
		return 0;
	snprintf(text, room,
		": it was ready to run, and had a processor for %.1f of the last %.0f ms", for_ms,
		ms);
	return 1;
}

static int has_no_room(const struct member *m, char *text, size_t room)
{
	unsigned long wait, may;
	char line[128];

	if (!line_of(m, "status", "SigQ:", line, sizeof line) ||
		sscanf(line, "%lu/%lu", &wait, &may) != 2 || wait < may)
		return 0;
	snprintf(text, room,
		": it could not be asked, as many signals wait for its user as may (%lu; ulimit "
		"-i)",
		wait);
	return 1;
}

void say_late(struct round *r, const struct member *m)
{
	unsigned kind = DSU_KIND(DSU_LOAD(&r->b->states[m->slot]));
	int apart = kind == DSU_STOPPED || kind == DSU_UNROLLING;
	char by[256] = "";

	if (held_by(r->f, m, by, sizeof by)) {
		because(r->why, "%s is stopped by %s", member_name(m), by);
		return;
	}
	if (!starves(r, m, by, sizeof by) && !apart)
		has_no_room(m, by, sizeof by);
	because(r->why, "%s %s%s", member_name(m),
		apart ? "did not unroll in time" : "reached no update point in time", by);
}
