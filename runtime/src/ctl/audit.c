/*
 * audit.c - who changed which program, when, to what, and what came of it: a line of JSON an event.
 *
 * Where: DSU_AUDIT, else where the operator's other logs are: /var/log/dsu/audit.jsonl for root,
 * $XDG_STATE_HOME/dsu/audit.jsonl (~/.local/state) for others. A place that was asked for has to
 * work, or nothing is changed; without the usual one (a read-only root) an update is still possible.
 * `asked` is written before anything happens, so a dsuctl that dies leaves a trace, too.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "audit.h"

/* 0: there is no place for it. */
static int usual_place(char *path, size_t n)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (geteuid() == 0)
		return snprintf(path, n, "/var/log/dsu/audit.jsonl") < (int)n;
	if (state && *state == '/')
		return snprintf(path, n, "%s/dsu/audit.jsonl", state) < (int)n;
	return home && *home == '/' &&
	       snprintf(path, n, "%s/.local/state/dsu/audit.jsonl", home) < (int)n;
}

/* The folders of a file. What fails is seen when the file is opened. */
static void make_folders(char *path)
{
	for (char *at = path + 1; (at = strchr(at, '/')); at++) {
		*at = 0;
		mkdir(path, 0700);
		*at = '/';
	}
}

/* Null, or what is wrong with it. */
static const char *open_log(struct audit *a, const char *path)
{
	struct stat st;

	a->fd = open(
		path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (a->fd < 0 || fstat(a->fd, &st) < 0)
		return strerror(errno);
	if (!S_ISREG(st.st_mode))
		return "not a file";
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return "belongs to another user";
	if (st.st_mode & 022)
		return "others than its owner may write to it";
	return NULL;
}

int audit_open(struct audit *a, struct reasons *why)
{
	const char *asked = getenv("DSU_AUDIT"), *wrong;
	char usual[4096];

	a->must = asked && *asked;
	a->fd = -1;
	if (!a->must && !usual_place(usual, sizeof usual))
		return 1;
	if (!a->must)
		make_folders(usual);
	wrong = open_log(a, a->must ? asked : usual);
	if (!wrong)
		return 1;
	audit_close(a);
	if (a->must)
		because(why, "the audit log %s: %s", asked, wrong);
	else
		fprintf(stderr, "dsuctl: no audit log is kept: %s: %s\n", usual, wrong);
	return !a->must;
}

void audit_close(struct audit *a)
{
	if (a->fd >= 0)
		close(a->fd);
	a->fd = -1;
}

static void text(FILE *to, const char *name, const char *value)
{
	fprintf(to, ", \"%s\": ", name);
	if (value)
		json_write(to, value);
	else
		fputs("null", to);
}

static void digits(FILE *to, const char *name, const uint8_t *bytes, size_t n)
{
	char digits[65];

	if (bytes)
		hex(digits, bytes, n);
	text(to, name, bytes ? digits : NULL);
}

static void moment(FILE *to)
{
	char at[32];
	struct timespec now;
	struct tm utc;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	strftime(at, sizeof at, "%Y-%m-%dT%H:%M:%S", &utc);
	fprintf(to, "{\"time\": \"%s.%03ldZ\"", at, now.tv_nsec / 1000000);
}

/* Who logged in, whoever he has become since; -1: nobody did. */
static int login_uid(void)
{
	unsigned uid = -1U;
	FILE *file = fopen("/proc/self/loginuid", "re");

	if (file && fscanf(file, "%u", &uid) != 1)
		uid = -1U;
	if (file)
		fclose(file);
	return (int)uid;
}

static void write_event(FILE *to, const struct audit *a, const struct family *f,
	const char *outcome, const struct reasons *why)
{
	uint8_t now[20];

	if (f->ledger)
		family_version(f->ledger, now);
	moment(to);
	fprintf(to, ", \"uid\": %u, \"login_uid\": %d, \"pid\": %d", getuid(), login_uid(),
		getpid());
	text(to, "command", a->command);
	text(to, "outcome", outcome);
	fprintf(to, ", \"program\": %d", f->pid);
	text(to, "exe", f->exe);
	text(to, "file", a->file);
	digits(to, "patch", a->patch, 32);
	digits(to, "signed_by", a->signer, 32);
	digits(to, "from", a->from, 20);
	digits(to, "to", a->to, 20);
	digits(to, "version", f->ledger ? now : NULL, 20);
	text(to, "reason", why->len ? why->text : NULL);
	fputs("}\n", to);
}

/* One write: lines of several dsuctl do not mix. 0: it could not be written, and had to be. */
int audit_say(
	const struct audit *a, const struct family *f, const char *outcome, struct reasons *why)
{
	char *line = NULL;
	size_t n = 0;
	FILE *to;
	int written = 0;

	if (a->fd < 0)
		return 1;
	to = open_memstream(&line, &n);
	if (to) {
		write_event(to, a, f, outcome, why);
		written = fclose(to) == 0 && write(a->fd, line, n) == (ssize_t)n;
	}
	free(line);
	if (!written && a->must)
		because(why, "cannot write to the audit log: %s", strerror(errno));
	else if (!written)
		fprintf(stderr, "dsuctl: cannot write to the audit log: %s\n", strerror(errno));
	return written || !a->must;
}
