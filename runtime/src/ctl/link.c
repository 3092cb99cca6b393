/* link.c - relocate a patch's images for their place. */
#include <stdio.h>
#include <string.h>

#include "arch.h"
#include "ctl.h"

static void put(struct patch *p, uint64_t at, uint64_t value, struct reasons *why)
{
	void *to = patch_at(p, at, sizeof value);

	if (!to)
		because(why, "the patch relocates what it does not contain (address %#llx)",
			(unsigned long long)at);
	else
		memcpy(to, &value, sizeof value);
}

static void relocate(struct patch *p, const Elf64_Rela *r, struct reasons *why)
{
	uint64_t sym = ELF64_R_SYM(r->r_info), addend = (uint64_t)r->r_addend;
	unsigned type = (unsigned)ELF64_R_TYPE(r->r_info);

	if (sym >= p->nsyms) {
		because(why, "the patch relocates by a symbol that it does not have");
		return;
	}
	switch (type) {
	case DSU_R_NONE:
		return;
	case DSU_R_RELATIVE:
		put(p, r->r_offset, p->base + addend, why);
		return;
	case DSU_R_GLOB_DAT:
	case DSU_R_JUMP:
		addend = 0;
		/* fall through */
	case DSU_R_ADDRESS:
	case DSU_R_TPOFF: /* a thread-local variable, by its offset from the thread pointer */
		put(p, r->r_offset, p->values[sym] + addend, why);
		return;
	}
	because(why, "the patch has a relocation of type %u (%s), which cannot be done", type,
		p->strings + p->syms[sym].st_name);
}

int patch_link(struct patch *p, const struct family *f, struct reasons *why)
{
	const struct dsu_block *b = f->block;

	for (unsigned i = 0; i < p->nresolves; i++) {
		size_t sym = p->resolves[i];

		p->values[sym] = DSU_LOAD(&b->resolves[i]);
		if (!p->values[sym] && ELF64_ST_BIND(p->syms[sym].st_info) != STB_WEAK)
			because(why, "%s: neither the program nor its libraries have this symbol",
				p->strings + p->syms[sym].st_name);
	}
	for (int k = 0; k < 2; k++)
		for (size_t i = 0; i < p->nrela[k]; i++)
			relocate(p, &p->rela[k][i], why);
	return !why->len;
}
