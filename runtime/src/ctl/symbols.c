/*
 * symbols.c - what the names that a patch leaves open mean in the running program.
 *
 * Earlier patches first, then the program's own symbol table (static functions and variables have
 * unique names there), then its libraries, which a stopped process asks by dlsym().
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl.h"

/* The program's file, mapped. */
struct image {
	const char *at;
	size_t size;
	const Elf64_Sym *syms;
	size_t nsyms;
	const char *strings;
	size_t nstrings;
	uint64_t tls_size;
};

static int open_image(struct image *m, const struct family *f, struct reasons *why)
{
	const Elf64_Ehdr *e;
	const Elf64_Shdr *sh;
	const Elf64_Phdr *ph;
	char path[64];
	struct stat st;
	int fd;

	memset(m, 0, sizeof *m);
	snprintf(path, sizeof path, "/proc/%d/exe", f->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0) {
		because(why, "%s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return 0;
	}
	m->size = (size_t)st.st_size;
	m->at = mmap(NULL, m->size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (m->at == MAP_FAILED) {
		because(why, "%s: %s", path, strerror(errno));
		return 0;
	}
	e = (const void *)m->at;
	ph = (const void *)(m->at + e->e_phoff);
	for (int i = 0; i < e->e_phnum; i++)
		if (ph[i].p_type == PT_TLS)
			m->tls_size = (ph[i].p_memsz + ph[i].p_align - 1) & ~(ph[i].p_align - 1);
	sh = (const void *)(m->at + e->e_shoff);
	for (int i = 0; e->e_shoff && e->e_shoff + (uint64_t)e->e_shnum * sizeof *sh <= m->size &&
			i < e->e_shnum;
		i++)
		if (sh[i].sh_type == SHT_SYMTAB) {
			m->syms = (const void *)(m->at + sh[i].sh_offset);
			m->nsyms = sh[i].sh_size / sizeof *m->syms;
			m->strings = m->at + sh[sh[i].sh_link].sh_offset;
			m->nstrings = sh[sh[i].sh_link].sh_size;
		}
	if (!m->syms) {
		because(why,
			"%s has been stripped: without its symbol table nothing can be patched "
			"into it",
			f->exe);
		munmap((void *)(uintptr_t)m->at, m->size);
		return 0;
	}
	return 1;
}

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
						  : s->st_value + f->block->load_bias;
		if (ELF64_ST_BIND(s->st_info) != STB_LOCAL)
			return 1;
		found++;
	}
	return found > 1 ? 2 : found;
}

/* Exports of patches in force; the latest one wins. */
static int in_patches(const struct family *f, const char *arena, const char *want, uint64_t *value)
{
	uint32_t chain[DSU_PATCHES];

	if (!strcmp(want, "dsu_patch"))
		return 0;
	for (unsigned i = family_chain(f->block, f->block->top, chain); i-- > 0;) {
		const struct dsu_applied *a = &f->block->patches[chain[i]];
		const char *text = arena + (a->base - f->block->arena);
		const Elf64_Sym *syms = (const void *)(text + a->syms);

		for (uint64_t k = 1; k < a->nsyms; k++)
			if (syms[k].st_shndx != SHN_UNDEF &&
				!strcmp(text + a->strings + syms[k].st_name, want)) {
				*value = a->base + syms[k].st_value;
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

static void ask_later(struct patch *p, const struct family *f, size_t sym, struct reasons *why)
{
	struct dsu_block *b = f->block;
	const char *name = open_name(p, sym);
	size_t n = strlen(name) + 1;
	uint32_t used = p->names_used;

	if (p->nresolves >= DSU_RESOLVES || used + n > DSU_NAMES) {
		because(why, "the patch uses too many names that the program does not have");
		return;
	}
	memcpy(&b->names[used], name, n);
	b->resolves[p->nresolves] = used;
	p->names_used += (uint32_t)n;
	p->resolves[p->nresolves++] = sym;
}

static void open_names(struct patch *p, const struct family *f, const struct image *m,
	const char *arena, struct reasons *why)
{
	for (size_t i = 1; i < p->nsyms; i++) {
		const char *name = open_name(p, i);
		int found;

		if (p->syms[i].st_shndx != SHN_UNDEF) {
			p->values[i] = p->base + p->syms[i].st_value;
			continue;
		}
		if (in_patches(f, arena, name, &p->values[i]))
			continue;
		found = in_program(m, f, name, &p->values[i]);
		if (found > 1)
			because(why, "%s: the program has several symbols of this name", name);
		else if (!found)
			ask_later(p, f, i, why);
	}
}

int symbols_resolve(struct patch *p, const struct family *f, struct reasons *why)
{
	struct image m;
	int fd = family_fd(f, f->block->fd_arena, O_RDONLY);
	void *arena;

	p->nresolves = 0; /* it may be a second attempt */
	if (fd < 0) {
		because(why, "process %d has closed the runtime's descriptors", f->pid);
		return 0;
	}
	arena = mmap(NULL, DSU_PATCH_DATA, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (arena == MAP_FAILED) {
		because(why, "cannot map the family's arena: %s", strerror(errno));
		return 0;
	}
	if (open_image(&m, f, why)) {
		open_names(p, f, &m, arena, why);
		munmap((void *)(uintptr_t)m.at, m.size);
	}
	munmap(arena, DSU_PATCH_DATA);
	return !why->len;
}
