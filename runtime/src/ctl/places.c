/*
 * places.c - function, file and line of addresses in the program's code.
 *
 * From debug information, which `addr2line` reads if it is there, or else from symbol tables. A
 * patch's lines are in its own file, which is not ours to find.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ctl.h"

/* "file.c$name", "dsu$name" and "name$resume" are `name`, and so is "name.part.0". */
static void plain_name(char *to, size_t n, const char *symbol, size_t length)
{
	char text[256], *at;

	snprintf(text, sizeof text, "%.*s", length < 255 ? (int)length : 255, symbol);
	at = strstr(text, ".c$");
	at = at ? at + 3 : !strncmp(text, "dsu$", 4) ? text + 4 : text;
	at[strcspn(at, "$.")] = 0;
	snprintf(to, n, "%.*s", (int)n - 1, at);
}

/* ---- functions ---- */

static void in_symbols(const struct image *m, uint64_t at, struct place *to)
{
	for (size_t i = 0; i < m->nsyms; i++) {
		const Elf64_Sym *s = &m->syms[i];

		if (ELF64_ST_TYPE(s->st_info) == STT_FUNC && at - s->st_value < s->st_size &&
			s->st_name < m->nstrings)
			plain_name(to->function, sizeof to->function, m->strings + s->st_name,
				m->nstrings - s->st_name);
	}
}

/* The symbols of a patch in force lie in the arena, as dsuctl put them there. */
static void in_patch(const struct dsu_applied *a, const char *arena, const struct dsu_ledger *b,
	uint64_t at, struct place *to)
{
	struct image m = {.at = arena + (a->base - b->arena), .size = a->text_size};

	if (a->syms > m.size || a->nsyms > (m.size - a->syms) / sizeof *m.syms ||
		a->strings >= m.size)
		return;
	m.syms = (const void *)(m.at + a->syms);
	m.nsyms = a->nsyms;
	m.strings = m.at + a->strings;
	m.nstrings = m.size - a->strings;
	in_symbols(&m, at - a->base, to);
}

static void functions(const struct family *f, const struct image *m, const char *arena,
	const uint64_t *pcs, struct place *to, int n)
{
	const struct dsu_ledger *b = f->ledger;
	uint32_t chain[DSU_PATCHES];
	unsigned patches = family_chain(b, b->top, chain);

	for (int i = 0; i < n; i++) {
		snprintf(
			to[i].function, sizeof to[i].function, "%#llx", (unsigned long long)pcs[i]);
		if (m)
			in_symbols(m, pcs[i] - b->load_bias, &to[i]);
		for (unsigned k = 0; k < patches; k++) {
			const struct dsu_applied *a = &b->patches[chain[k]];

			if (pcs[i] - a->base >= a->text_size ||
				a->base - b->arena >= DSU_PATCH_DATA ||
				a->text_size > DSU_PATCH_DATA - (a->base - b->arena))
				continue;
			to[i].patch = k + 1;
			in_patch(a, arena, b, pcs[i], &to[i]);
		}
	}
}

/* ---- files and lines ---- */

static FILE *addr2line(const struct family *f, const uint64_t *pcs, int n, pid_t *pid)
{
	char exe[64], (*words)[24] = calloc((size_t)n, sizeof *words);
	char **argv = calloc((size_t)n + 5, sizeof *argv);
	int p[2] = {-1, -1};

	snprintf(exe, sizeof exe, "/proc/%d/exe", f->pid);
	if (!argv || !words || pipe2(p, O_CLOEXEC) < 0)
		goto done;
	argv[0] = "addr2line";
	argv[1] = "-aif";
	argv[2] = "-e";
	argv[3] = exe;
	for (int i = 0; i < n; i++) {
		snprintf(words[i], sizeof words[i], "%#llx",
			(unsigned long long)(pcs[i] - f->ledger->load_bias));
		argv[4 + i] = words[i];
	}
	*pid = fork();
	if (*pid == 0) {
		dup2(p[1], STDOUT_FILENO);
		close(STDERR_FILENO);
		execvp(argv[0], argv);
		_exit(127);
	}
	close(p[1]);
	if (*pid < 0)
		close(p[0]), p[0] = -1;
done:
	free(words);
	free(argv);
	return p[0] < 0 ? NULL : fdopen(p[0], "r");
}

/* "file.c:12 (discriminator 3)", or "??:0". What the compiler has added is not the programmer's. */
static int read_line(char *function, char *text, struct place *to)
{
	char *colon = strrchr(text, ':'), *name = strrchr(text, '/');

	if (!colon || text[0] == '?' || !strncmp(name ? name + 1 : text, "dsu_abi.h:", 10))
		return 0;
	*colon = 0;
	to->line = atoi(colon + 1);
	snprintf(to->file, sizeof to->file, "%.255s", text);
	function[strcspn(function, "\n")] = 0;
	plain_name(to->function, sizeof to->function, function, strlen(function));
	return 1;
}

/*
 * Its output: a line with each address, then function and line by turns, the innermost inlined
 * function first. The first one of the programmer's own counts.
 */
static void lines(const struct family *f, const uint64_t *pcs, struct place *to, int n)
{
	char text[4096], function[4096] = "";
	pid_t pid = -1;
	FILE *out = addr2line(f, pcs, n, &pid);
	int at = -1, odd = 0, found = 0;

	while (out && fgets(text, sizeof text, out)) {
		if (!strncmp(text, "0x", 2)) {
			at++;
			odd = found = 0;
		} else if (!(odd ^= 1)) {
			if (at >= 0 && at < n && !found && !to[at].patch)
				found = read_line(function, text, &to[at]);
		} else {
			memcpy(function, text, sizeof function);
		}
	}
	if (out)
		fclose(out);
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

/* Functions alone, at once: the program may be waiting. */
void places_functions(const struct family *f, const uint64_t *pcs, struct place *to, int n)
{
	struct reasons none = {.len = 0};
	struct image m;
	int has = image_open(&m, f, &none);

	memset(to, 0, (size_t)n * sizeof *to);
	functions(f, has ? &m : NULL, f->arena, pcs, to, n);
	if (has)
		image_close(&m);
}

void places_find(const struct family *f, const uint64_t *pcs, struct place *to, int n)
{
	places_functions(f, pcs, to, n);
	if (n)
		lines(f, pcs, to, n);
}
