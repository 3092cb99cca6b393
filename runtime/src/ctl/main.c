/* main.c - dsuctl's command line. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"
#include "trial.h"

static const char help[] =
	"dsuctl - update a running program\n"
	"\n"
	"  dsuctl list                 programs that can be updated\n"
	"  dsuctl status PID           version of each process of a program\n"
	"  dsuctl check PID PATCH      would the update go through? The program pauses for an "
	"instant\n"
	"  dsuctl apply PID PATCH      update: all processes at once, or none\n"
	"  dsuctl probe PID            how long would it take to stop? Stops and goes on, many "
	"times\n"
	"  dsuctl revert PID           back through all patches to what was started\n"
	"\n"
	"PID may be any process of the program. PATCH comes from dsupatch; it must belong to the\n"
	"program's owner or to root, and nobody else may be able to write to it.\n"
	"\n"
	"A program that was started with DSU_TRUST=FILE takes only what is signed (PATCH.sig, by\n"
	"dsupatch sign) by one of the keys in FILE.\n"
	"\n"
	"  --timeout S    give up, and leave the program as it is, if it has not stopped within S\n"
	"                 seconds (5). Until then those of its processes that have stopped wait.\n"
	"  --trial S      apply: watch the program for S seconds, and take the update back if one "
	"of\n"
	"                 its processes crashes, or if the health command fails\n"
	"  --health CMD   with --trial: run by the shell at once and then each second, with "
	"DSU_PID in\n"
	"                 its environment; it fails by its exit code, or by taking longer than "
	"--timeout\n"
	"  --steps N      revert: the latest N patches only\n"
	"  --count N      probe: how many times (100)\n"
	"  --json         one JSON value on standard output\n"
	"\n"
	"Each apply and revert is a line of the audit log: DSU_AUDIT=FILE, else "
	"/var/log/dsu/audit.jsonl\n"
	"for root and ~/.local/state/dsu/audit.jsonl for others.\n"
	"\n"
	"Exit codes: 0 done; 1 refused or rolled back, the program runs on unchanged; 2 usage;\n"
	"3 no such program. A revert goes patch by patch; one that is refused says how far it "
	"came.\n"
	"\n"
	"Example:\n"
	"  $ dsuctl list\n"
	"       pid  processes  patches  version       program\n"
	"      4711          3        0  5f1c0a9be2d4  /usr/sbin/vsftpd\n"
	"  $ dsuctl apply 4711 fix.dsu\n"
	"  applied: 3 processes, 640 us in all (...)\n";

struct options {
	int json, steps, count;
	double timeout, trial;
	const char *health;
	const char *words[4];
	int nwords;
};

static int usage(const char *what, const char *arg)
{
	fprintf(stderr, "dsuctl: %s%s%s\nTry dsuctl --help.\n", what, arg ? ": " : "",
		arg ? arg : "");
	return EXIT_USAGE;
}

static int number(const char *s, double *to)
{
	char *end;

	*to = strtod(s, &end);
	return *s && !*end && *to > 0 && *to < 1e6;
}

static int count(const char *s, int *to)
{
	double n;

	if (!number(s, &n) || n != (int)n)
		return 0;
	*to = (int)n;
	return 1;
}

/* 0, or an exit code. */
static int parse(struct options *o, int argc, char **argv)
{
	o->timeout = 5;
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--json"))
			o->json = 1;
		else if (!strcmp(argv[i], "--timeout") && i + 1 < argc) {
			if (!number(argv[++i], &o->timeout))
				return usage("not a number of seconds", argv[i]);
		} else if (!strncmp(argv[i], "--timeout=", 10)) {
			if (!number(argv[i] + 10, &o->timeout))
				return usage("not a number of seconds", argv[i] + 10);
		} else if (!strcmp(argv[i], "--trial") && i + 1 < argc) {
			if (!number(argv[++i], &o->trial))
				return usage("not a number of seconds", argv[i]);
		} else if (!strcmp(argv[i], "--health") && i + 1 < argc) {
			o->health = argv[++i];
		} else if (!strcmp(argv[i], "--steps") && i + 1 < argc) {
			if (!count(argv[++i], &o->steps))
				return usage("not a number of patches", argv[i]);
		} else if (!strcmp(argv[i], "--count") && i + 1 < argc) {
			if (!count(argv[++i], &o->count))
				return usage("not a number of stops", argv[i]);
		} else if (argv[i][0] == '-')
			return usage("unknown option", argv[i]);
		else if (o->nwords == 4)
			return usage("too many words", NULL);
		else
			o->words[o->nwords++] = argv[i];
	}
	return 0;
}

/* The commands that take one program, and whether they take a patch. */
static const struct {
	const char *name;
	int words;
} commands[] = {{"status", 2}, {"check", 3}, {"apply", 3}, {"probe", 2}, {"revert", 2}};

static int do_command(const struct options *o, const char *cmd, pid_t pid)
{
	if (!strcmp(cmd, "status"))
		return cmd_status(pid, o->json);
	if (!strcmp(cmd, "probe"))
		return cmd_probe(pid, o->count ? o->count : 100, o->timeout, o->json);
	if (!strcmp(cmd, "revert"))
		return cmd_revert(pid, o->steps, o->timeout, o->json);
	return cmd_apply(pid, o->words[2],
		!strcmp(cmd, "check") ? DSU_CHECK
		: o->trial > 0        ? DSU_TRY
				      : DSU_APPLY,
		&(struct trial){.seconds = o->trial, .health = o->health}, o->timeout, o->json);
}

static int run(const struct options *o)
{
	const char *cmd = o->words[0];
	char *end = NULL;
	size_t i = 0;
	long pid;

	if (o->steps && strcmp(cmd, "revert"))
		return usage("--steps goes with revert", NULL);
	if (o->trial > 0 && strcmp(cmd, "apply"))
		return usage("--trial goes with apply", NULL);
	if (o->health && o->trial <= 0)
		return usage("--health goes with --trial", NULL);
	if (o->count && strcmp(cmd, "probe"))
		return usage("--count goes with probe", NULL);
#ifdef DSU_FAULTS
	if (!strcmp(cmd, "faults"))
		return cmd_faults();
#endif
	if (!strcmp(cmd, "list"))
		return o->nwords == 1 ? cmd_list(o->json) : usage("list takes no arguments", NULL);
	while (i < sizeof commands / sizeof *commands && strcmp(cmd, commands[i].name))
		i++;
	if (i == sizeof commands / sizeof *commands)
		return usage("unknown command", cmd);
	if (o->nwords < 2)
		return usage("which PID?", NULL);
	pid = strtol(o->words[1], &end, 10);
	if (end == o->words[1] || *end || pid <= 0 || pid > 4194304)
		return usage("not a PID", o->words[1]);
	if (o->nwords != commands[i].words)
		return usage(commands[i].words == 3 ? "PID and PATCH, please"
						    : "takes a PID and nothing else",
			cmd);
	return do_command(o, cmd, (pid_t)pid);
}

int main(int argc, char **argv)
{
	struct options o = {0};
	int code;

	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
				!strcmp(argv[1], "help"))) {
		fputs(help, stdout);
		return EXIT_DONE;
	}
	signal(SIGPIPE, SIG_IGN); /* a program may die while we wake it */
	signal(SIGTSTP, SIG_IGN); /* a program would stand still while we do */
	signal(SIGTTIN, SIG_IGN);
	signal(SIGTTOU, SIG_IGN);
	dsu_fault_init();
	code = parse(&o, argc, argv);
	if (code)
		return code;
	if (!o.nwords)
		return usage("no command", NULL);
	return run(&o);
}
