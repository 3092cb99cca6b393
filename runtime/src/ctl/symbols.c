/*
 * symbols.c - what the names that a patch leaves open mean in the running program.
 *
 * Earlier patches first, then the program's own symbol table (static functions and variables have
 * unique names there), then its libraries: what the program itself calls it has looked up as it
 * started (bound.c), and for the rest a stopped process asks by dlsym().
 */
#include <string.h>

#include "ctl.h"

/* "stdin@GLIBC_2.2.5" is stdin. */
static int same(const char *name, const char *want)
{
	size_t n = strlen(want);

	return !strncmp(name, want, n) && (!name[n] || name[n] == '@');
}

/* 0: not there, 1: found, 2: several local ones. */
static int in_program(
	const struct image *m, const struct family *f, const char *want, uint64_t *value)
{
	int found = 0;

	for (size_t i = 0; i < m->nsyms; i++) {
		const Elf64_Sym *s = &m->syms[i];
		int type = ELF64_ST_TYPE(s->st_info);

		if (s->st_shndx == SHN_UNDEF || s->st_name >= m->nstrings || type == STT_FILE ||
			type == STT_SECTION || type == STT_GNU_IFUNC ||
			!same(m->strings + s->st_name, want))
			continue;
		*value = type == STT_TLS          ? s->st_value - m->tls_size
			 : s->st_shndx == SHN_ABS ? s->st_value
						  : s->st_value + f->ledger->load_bias;
		if (ELF64_ST_BIND(s->st_info) != STB_LOCAL)
			return 1;
		found++;
	}
	return found > 1 ? 2 : found;
}

/* Exports of patches in force; the latest one wins. */
static int in_patches(const struct family *f, const char *want, uint64_t *value)
{
	uint32_t chain[DSU_PATCHES];

	if (!strcmp(want, "dsu_patch"))
		return 0;
	for (unsigned i = family_chain(f->ledger, f->ledger->top, chain); i-- > 0;) {
		const struct dsu_applied *a = &f->ledger->patches[chain[i]];
		const char *text = f->arena + (a->base - f->ledger->arena);
		const Elf64_Sym *syms = (const void *)(text + a->syms);

		for (uint64_t k = 1; k < a->nsyms; k++)
			if (syms[k].st_shndx != SHN_UNDEF &&
				!strcmp(text + a->strings + syms[k].st_name, want)) {
				*value = syms[k].st_value +
					 (ELF64_ST_TYPE(syms[k].st_info) == STT_TLS
							 ? a->threads.offset
							 : a->base);
				return 1;
			}
	}
	return 0;
}

/* What the program has of its libraries. The ledger is not ours alone: nothing outside is read. */
static int in_libraries(const struct family *f, const char *want, uint64_t *value)
{
	const struct dsu_ledger *l = f->ledger;
	const struct dsu_bound *b = (const void *)(f->arena + (l->bound - l->arena));
	size_t n = strlen(want) + 1;

	for (uint32_t i = 0; i < l->nbound; i++) {
		uint64_t at = b[i].name - l->arena;

		if (at < DSU_PATCH_DATA && n <= DSU_PATCH_DATA - at &&
			!memcmp(f->arena + at, want, n)) {
			*value = b[i].value;
			return 1;
		}
	}
	return 0;
}

/* What an open name of the patch is called in the program. */
static const char *open_name(const struct patch *p, size_t sym)
{
	const char *name = p->strings + p->syms[sym].st_name;

	return strncmp(name, DSU_WAS, sizeof DSU_WAS - 1) ? name : name + sizeof DSU_WAS - 1;
}

static void ask_later(struct patch *p, size_t sym, struct reasons *why)
{
	if (p->nresolves < DSU_RESOLVES)
		p->resolves[p->nresolves++] = sym;
	else
		because(why, "the patch uses too many names that the program does not have");
}

/* The leader will look for them when it stops. */
void symbols_ask(const struct patch *p, struct dsu_ledger *l, struct reasons *why)
{
	uint32_t used = 0;

	l->nresolved = 0;
	for (unsigned i = 0; i < p->nresolves; i++) {
		const char *name = open_name(p, p->resolves[i]);
		size_t n = strlen(name) + 1;

		if (n > DSU_NAMES - used) {
			because(why, "the names that the patch has of libraries are too long");
			return;
		}
		memcpy(&l->names[used], name, n);
		l->resolved[i] = (struct dsu_resolved){.name = used};
		used += (uint32_t)n;
	}
	l->nresolved = p->nresolves;
}

/* A relocation without a symbol means the patch's own part of each thread's room. */
static void thread_names(
	struct patch *p, const struct family *f, const struct image *m, struct reasons *why)
{
	uint64_t room;

	if (!p->threads.size)
		return;
	if (in_program(m, f, "dsu_thread_room", &room) != 1)
		because(why, "the program's threads have no room for new thread-local variables");
	else
		p->values[0] = p->threads.offset = room + p->threads.at;
}

static void open_names(
	struct patch *p, const struct family *f, const struct image *m, struct reasons *why)
{
	for (size_t i = 1; i < p->nsyms; i++) {
		const char *name = open_name(p, i);
		int found;

		if (p->syms[i].st_shndx != SHN_UNDEF) {
			p->values[i] =
				p->syms[i].st_value + (ELF64_ST_TYPE(p->syms[i].st_info) == STT_TLS
								      ? p->threads.offset
								      : p->base);
			continue;
		}
		if (in_patches(f, name, &p->values[i]))
			continue;
		found = in_program(m, f, name, &p->values[i]);
		if (found > 1)
			because(why, "%s: the program has several symbols of this name", name);
		else if (!found && !in_libraries(f, name, &p->values[i]))
			ask_later(p, i, why);
	}
}

int symbols_resolve(struct patch *p, const struct family *f, struct reasons *why)
{
	struct image m;

	p->nresolves = 0; /* it may be a second attempt */
	if (image_open(&m, f, why)) {
		p->low = m.low + f->ledger->load_bias;
		p->high = m.high + f->ledger->load_bias;
		thread_names(p, f, &m, why);
		open_names(p, f, &m, why);
		image_close(&m);
	}
	return !why->len;
}
