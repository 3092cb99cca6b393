/* list.c - dsuctl list, dsuctl status. */
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ctl.h"

static const char *const states[] = {"free", "born", "running", "stopped", "blocked", "unrolling",
	"unrolled", "unmappable", "running", "ended"};

/* Of a process: that of the thread that is least far in the update. */
static const char *state_name(const struct dsu_block *b, const struct member *m, int n, int process)
{
	unsigned least = DSU_ENDED;

	for (int i = 0; i < n; i++) {
		unsigned k = DSU_KIND(DSU_LOAD(&b->states[m[i].slot]));

		if (m[i].process == process && k < least)
			least = k;
	}
	return states[least];
}

static int count_threads(const struct member *m, int n, int process)
{
	int threads = 0;

	for (int i = 0; i < n; i++)
		threads += m[i].process == process && !m[i].ended;
	return threads;
}

static void version_name(const struct dsu_ledger *l, char text[41])
{
	uint8_t v[20];

	family_version(l, v);
	hex(text, v, 20);
}

static int smaller(const void *a, const void *b)
{
	return ((const struct member *)a)->pid - ((const struct member *)b)->pid;
}

/* ---- status ---- */

static void patch_json(const struct dsu_applied *a, const char *before)
{
	char text[65];

	hex(text, a->digest, 32);
	printf("%s{\"digest\": \"%s\"", before, text);
	hex(text, a->from, 20);
	printf(", \"from\": \"%s\"", text);
	hex(text, a->to, 20);
	printf(", \"to\": \"%s\", \"applied_at\": %lld", text, (long long)a->when);
	if (a->reverted)
		printf(", \"reverted_at\": %lld", (long long)a->reverted);
	printf("}");
}

/* Of the process whose first thread is m[at]. */
static void process_json(
	const struct family *f, const struct member *m, int n, int at, const char *before)
{
	const struct dsu_block *b = f->block;
	const struct dsu_ledger *l = f->ledger;
	int slot = m[at].slot;
	uint32_t top = b->slots[slot].top;
	uint32_t chain[DSU_PATCHES];
	uint8_t version[20];
	char text[41];

	family_version_at(l, top, version);
	hex(text, version, 20);
	printf("%s{\"pid\": %d, \"threads\": %d, \"state\": \"%s\", \"patches\": %u, "
	       "\"version\": \"%s\"}",
		before, m[at].pid, count_threads(m, n, slot), state_name(b, m, n, slot),
		family_chain(l, top, chain), text);
}

/* Whose patches it takes: null, anybody's that its owner brings. */
static void trust_json(const struct dsu_trust *t)
{
	char text[65];

	printf(", \"trusts\": %s", t->pinned ? "[" : "null");
	for (unsigned i = 0; i < t->nkeys; i++) {
		hex(text, t->keys[i], 32);
		printf("%s\"%s\"", i ? ", " : "", text);
	}
	if (t->pinned)
		printf("]");
}

static void status_json(const struct family *f, const struct member *m, int n)
{
	const struct dsu_ledger *l = f->ledger;
	uint32_t chain[DSU_PATCHES];
	unsigned npatches = family_chain(l, l->top, chain);
	const char *before = "";
	char text[65];

	printf("{\"pid\": %d, \"exe\": ", f->pid);
	json_string(f->exe);
	hex(text, l->build_id, 20);
	printf(", \"base\": \"%s\"", text);
	version_name(l, text);
	printf(", \"version\": \"%s\"", text);
	trust_json(&l->trust);
	printf(", \"patches\": [");
	for (unsigned i = 0; i < npatches; i++)
		patch_json(&l->patches[chain[i]], i ? ", " : "");
	printf("], \"reverted\": [");
	for (unsigned i = 0; i < l->npatches; i++)
		if (l->patches[i].reverted) {
			patch_json(&l->patches[i], before);
			before = ", ";
		}
	printf("], \"processes\": [");
	for (int i = 0, shown = 0; i < n; i++)
		if (member_leads(&m[i]))
			process_json(f, m, n, i, shown++ ? ", " : "");
	printf("]}\n");
}

static void status_text(const struct family *f, const struct member *m, int n)
{
	const struct dsu_ledger *l = f->ledger;
	uint32_t chain[DSU_PATCHES];
	unsigned npatches = family_chain(l, l->top, chain);
	char text[65];

	hex(text, l->build_id, 20);
	printf("%s\nbase     %s\n", f->exe, text);
	for (unsigned i = 0; i < npatches; i++) {
		hex(text, l->patches[chain[i]].to, 20);
		printf("patch %-2u %s", i + 1, text);
		hex(text, l->patches[chain[i]].digest, 32);
		printf("  (file %s)\n", text);
	}
	printf("%8s  %7s  %-10s  patches\n", "pid", "threads", "state");
	for (int i = 0; i < n; i++)
		if (member_leads(&m[i]))
			printf("%8d  %7d  %-10s  %u\n", m[i].pid, count_threads(m, n, m[i].slot),
				state_name(f->block, m, n, m[i].slot),
				family_chain(l, f->block->slots[m[i].slot].top, chain));
}

int cmd_status(pid_t pid, int json)
{
	static struct member m[DSU_SLOTS];
	struct reasons why = {.len = 0};
	struct family f;
	int n, code = family_open(&f, pid, &why);

	if (code == EXIT_DONE) {
		n = family_members(&f, m);
		qsort(m, (size_t)n, sizeof *m, smaller);
		(json ? status_json : status_text)(&f, m, n);
	} else if (json) {
		printf("{\"pid\": %d, \"reason\": ", pid);
		json_string(why.text);
		printf("}\n");
	} else {
		fprintf(stderr, "dsuctl: %s\n", why.text);
	}
	family_close(&f);
	return code;
}

/* ---- list ---- */

static void print_family(const struct family *f, int n, int json, int first)
{
	uint32_t chain[DSU_PATCHES];
	unsigned npatches = family_chain(f->ledger, f->ledger->top, chain);
	char version[41];

	version_name(f->ledger, version);
	if (!json) {
		printf("%8d  %9d  %7u  %.12s  %s\n", f->pid, n, npatches, version, f->exe);
		return;
	}
	printf("%s{\"pid\": %d, \"processes\": %d, \"patches\": %u, \"version\": \"%s\", \"exe\": ",
		first ? "" : ", ", f->pid, n, npatches, version);
	json_string(f->exe);
	printf("}");
}

/* A family is told by its control file; its first process is the one with the lowest slot. */
static int list_one(pid_t pid, ino_t *inodes, int known, int json)
{
	static struct member m[DSU_SLOTS];
	struct reasons why = {.len = 0};
	struct family f, first;
	struct stat st;
	int n;

	if (family_open(&f, pid, &why) != EXIT_DONE || fstat(f.control, &st) < 0) {
		family_close(&f);
		return known;
	}
	for (int i = 0; i < known; i++)
		if (inodes[i] == st.st_ino) {
			family_close(&f);
			return known;
		}
	inodes[known] = st.st_ino;
	n = family_members(&f, m);
	if (n && m[0].pid != pid && family_open(&first, m[0].pid, &why) == EXIT_DONE) {
		print_family(&first, count_processes(m, n), json, known == 0);
		family_close(&first);
	} else {
		print_family(&f, count_processes(m, n), json, known == 0);
	}
	family_close(&f);
	return known + 1;
}

int cmd_list(int json)
{
	static ino_t inodes[4096];
	char path[384];
	struct dirent *e;
	DIR *d = opendir("/proc");
	int known = 0;

	if (!d)
		return EXIT_REFUSED;
	printf(json ? "[" : "%8s  %9s  %7s  %-12s  %s\n", "pid", "processes", "patches", "version",
		"program");
	while ((e = readdir(d)) && known < 4096)
		if (isdigit((unsigned char)e->d_name[0]) &&
			family_has_control(atoi(e->d_name), path, sizeof path) == 1)
			known = list_one(atoi(e->d_name), inodes, known, json);
	if (json)
		printf("]\n");
	closedir(d);
	return EXIT_DONE;
}
