/*
 * bound.c - what the names that the program has of its libraries mean.
 *
 * Looked up once, as it starts, and kept in the arena's file, which its processes cannot write to
 * any more: dsuctl links patches by it, and in the pause nobody has to look or to check anything.
 * Names that only a patch has are not there (stop.c, decide.c).
 */
#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bound.h"

#define ROOM (1UL << 20) /* no program is known that has a tenth of it */

struct table {
	struct dsu_ledger *l;
	char *at;
	size_t used; /* names come behind the entries, which `size` relocations could fill */
	size_t size;
	const ElfW(Sym) * syms;
	const char *strings;
	const ElfW(Rela) * rela[2];
	size_t n[2];
};

static void dynamic(struct table *t, const ElfW(Dyn) * d)
{
	for (; d->d_tag != DT_NULL; d++) {
		/* glibc has relocated these addresses. */
		const void *at = (const void *)d->d_un.d_ptr;

		switch (d->d_tag) {
		case DT_SYMTAB:
			t->syms = at;
			break;
		case DT_STRTAB:
			t->strings = at;
			break;
		case DT_RELA:
			t->rela[0] = at;
			break;
		case DT_RELASZ:
			t->n[0] = d->d_un.d_val / sizeof(ElfW(Rela));
			break;
		case DT_JMPREL:
			t->rela[1] = at;
			break;
		case DT_PLTRELSZ:
			t->n[1] = d->d_un.d_val / sizeof(ElfW(Rela));
			break;
		}
	}
	t->size = t->n[0] + t->n[1];
}

static void look_up(struct table *t, const ElfW(Sym) * s)
{
	struct dsu_bound *b = (struct dsu_bound *)(void *)t->at + t->l->nbound;
	const char *name = t->strings + s->st_name;
	size_t n = strlen(name) + 1;
	void *value;

	/* Thread-local variables have no address that is the process's. */
	if (s->st_shndx != SHN_UNDEF || !*name || ELF64_ST_TYPE(s->st_info) == STT_TLS)
		return;
	value = dlsym(RTLD_DEFAULT, name);
	if (!value || n > ROOM - t->used)
		return;
	b->value = (uint64_t)value;
	b->name = t->l->bound + t->used;
	memcpy(t->at + t->used, name, n);
	t->used += n;
	t->l->nbound++;
}

static void look_all_up(struct table *t)
{
	uint32_t last = 0;

	t->used = t->size * sizeof(struct dsu_bound);
	if (!t->syms || !t->strings || t->used > ROOM)
		return;
	for (int k = 0; k < 2; k++)
		for (size_t i = 0; t->rela[k] && i < t->n[k]; i++) {
			uint32_t sym = (uint32_t)ELF64_R_SYM(t->rela[k][i].r_info);

			if (sym && sym != last)
				look_up(t, &t->syms[sym]);
			last = sym;
		}
}

/* Into the file, behind the ledger, which it completes. Where it cannot be, each patch's names are asked. */
void dsu_bound_write(struct dsu_ledger *l, int fd, const ElfW(Dyn) * d)
{
	struct table t = {.l = l};

	if (!d)
		return;
	t.at = mmap(NULL, ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		-1, 0);
	if (t.at == MAP_FAILED)
		return;
	l->bound = l->arena + DSU_LEDGER_ROOM;
	dynamic(&t, d);
	look_all_up(&t);
	if (l->nbound && pwrite(fd, t.at, t.used, DSU_LEDGER_ROOM) == (ssize_t)t.used)
		l->arena_used = (DSU_LEDGER_ROOM + t.used + 4095) & ~4095UL;
	else
		l->nbound = 0;
	munmap(t.at, ROOM);
}
