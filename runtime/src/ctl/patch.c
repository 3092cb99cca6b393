/*
 * patch.c - read a patch file, check it, lay its segments out.
 *
 * Nothing in the file is trusted before its digest is right, and nothing afterwards without a
 * look at its bounds: the digest says that it is whole, not that it is sane.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arch.h"
#include "ctl.h"

_Static_assert(offsetof(struct dsu_patch, from) == DSU_PATCH_FROM, "as the header says");

#define TRAILER (32 + sizeof DSU_PATCH_MAGIC - 1)
#define LARGEST (64 << 20)
#define PAGE    4096UL

static int owned(
	const struct stat *st, const struct family *f, const char *path, struct reasons *why)
{
	if (!S_ISREG(st->st_mode)) {
		because(why, "%s: not a file", path);
		return 0;
	}
	if (st->st_uid != f->owner && st->st_uid != 0)
		because(why, "%s: belongs to user %u, not to the program's owner (%u) or root",
			path, st->st_uid, f->owner);
	if (st->st_mode & 022)
		because(why, "%s: others than its owner may write to it (mode %03o)", path,
			st->st_mode & 0777);
	return !why->len;
}

static int read_file(struct patch *p, const char *path, const struct family *f, struct reasons *why)
{
	struct stat st;
	size_t got = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || fstat(fd, &st) < 0) {
		because(why, "%s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return 0;
	}
	if (!owned(&st, f, path, why)) {
		close(fd);
		return 0;
	}
	if (st.st_size > LARGEST) {
		because(why, "%s: too large for a patch", path);
		close(fd);
		return 0;
	}
	p->file_size = p->whole_size = (size_t)st.st_size;
	p->file = dsu_fault(dsuctl, read) ? NULL : malloc(p->file_size + 1);
	while (p->file && got < p->file_size) {
		ssize_t n = read(fd, p->file + got, p->file_size - got);

		if (n <= 0)
			break;
		got += (size_t)n;
	}
	close(fd);
	if (!p->file || got != p->file_size) {
		because(why, "%s: cannot be read", path);
		return 0;
	}
	return 1;
}

static int whole(struct patch *p, const char *path, struct reasons *why)
{
	uint8_t digest[32];
	const char *trailer;

	if (p->file_size < sizeof(Elf64_Ehdr) + TRAILER || memcmp(p->file, ELFMAG, SELFMAG)) {
		because(why, "%s: not a patch", path);
		return 0;
	}
	trailer = p->file + p->file_size - TRAILER;
	if (memcmp(trailer + 32, DSU_PATCH_MAGIC, sizeof DSU_PATCH_MAGIC - 1)) {
		because(why, "%s: not a patch, or truncated: its end is missing", path);
		return 0;
	}
	p->file_size -= TRAILER;
	sha256(p->file, p->file_size, digest);
	if (memcmp(digest, trailer, 32)) {
		because(why, "%s: damaged: its SHA-256 is not the one that it carries", path);
		return 0;
	}
	memcpy(p->digest, digest, 32);
	return 1;
}

static int inside(const struct patch *p, uint64_t at, uint64_t n)
{
	return at <= p->file_size && n <= p->file_size - at;
}

/* Bytes of the images by address in the file; null if they are not all there. */
void *patch_at(const struct patch *p, uint64_t address, size_t n)
{
	if (address < p->text_size && n <= p->text_size - address)
		return p->text + address;
	if (address >= DSU_PATCH_DATA && address - DSU_PATCH_DATA < p->data_size &&
		n <= p->data_size - (address - DSU_PATCH_DATA))
		return p->data + (address - DSU_PATCH_DATA);
	return NULL;
}

/* Thread-local variables: their first bytes are among what all processes share. */
static int thread_segment(struct patch *p, const Elf64_Phdr *ph)
{
	p->threads = (struct dsu_thread_part){
		.size = ph->p_memsz, .image = ph->p_vaddr, .image_size = ph->p_filesz};
	return ph->p_align <= DSU_THREAD_ROOM_ALIGN && ph->p_filesz <= ph->p_memsz &&
	       (!ph->p_filesz || patch_at(p, ph->p_vaddr, ph->p_filesz));
}

static int segments(struct patch *p, const Elf64_Ehdr *e)
{
	const Elf64_Phdr *ph = (const void *)(p->file + e->e_phoff);

	if (e->e_phentsize != sizeof *ph ||
		!inside(p, e->e_phoff, (uint64_t)e->e_phnum * sizeof *ph))
		return 0;
	for (int i = 0; i < e->e_phnum; i++) {
		uint64_t end = ph[i].p_vaddr + ph[i].p_memsz;

		if (ph[i].p_type != PT_LOAD || !ph[i].p_memsz)
			continue;
		if (!inside(p, ph[i].p_offset, ph[i].p_filesz) || ph[i].p_filesz > ph[i].p_memsz ||
			end < ph[i].p_vaddr || end > 2 * DSU_PATCH_DATA)
			return 0;
		if (ph[i].p_vaddr >= DSU_PATCH_DATA) {
			p->data_size = end - DSU_PATCH_DATA;
			p->image_size = ph[i].p_filesz + (ph[i].p_vaddr - DSU_PATCH_DATA);
		} else if (end > DSU_PATCH_DATA || ph[i].p_flags & PF_W) {
			return 0;
		} else if (end > p->text_size) {
			p->text_size = end;
		}
	}
	p->text = calloc(1, p->text_size + 1);
	p->data = calloc(1, p->data_size + 1);
	if (!p->text || !p->data)
		return 0;
	for (int i = 0; i < e->e_phnum; i++) {
		char *to = patch_at(p, ph[i].p_vaddr, ph[i].p_filesz);

		if (ph[i].p_type != PT_LOAD || !ph[i].p_filesz)
			continue;
		if (!to)
			return 0;
		memcpy(to, p->file + ph[i].p_offset, ph[i].p_filesz);
	}
	for (int i = 0; i < e->e_phnum; i++)
		if (ph[i].p_type == PT_TLS && ph[i].p_memsz && !thread_segment(p, &ph[i]))
			return 0;
	return p->text_size > 0;
}

static const Elf64_Shdr *section(
	const struct patch *p, const Elf64_Ehdr *e, const Elf64_Shdr *sh, const char *name)
{
	const Elf64_Shdr *names = &sh[e->e_shstrndx];

	for (int i = 0; i < e->e_shnum; i++) {
		uint64_t at = names->sh_offset + sh[i].sh_name;

		if (inside(p, at, strlen(name) + 1) && !strcmp(p->file + at, name))
			return &sh[i];
	}
	return NULL;
}

static int tables(struct patch *p, const Elf64_Ehdr *e)
{
	const Elf64_Shdr *sh = (const void *)(p->file + e->e_shoff), *s, *str;
	static const char *const rela[2] = {".rela.dyn", ".rela.plt"};
	static const char *const lists[2] = {"dsu_entries", "dsu_opaque"};

	if (e->e_shentsize != sizeof *sh ||
		!inside(p, e->e_shoff, (uint64_t)e->e_shnum * sizeof *sh) ||
		e->e_shstrndx >= e->e_shnum)
		return 0;
	s = section(p, e, sh, ".dynsym");
	str = section(p, e, sh, ".dynstr");
	if (!s || !str || !inside(p, s->sh_offset, s->sh_size) ||
		!inside(p, str->sh_offset, str->sh_size) || !str->sh_size ||
		p->file[str->sh_offset + str->sh_size - 1])
		return 0;
	p->syms = (const void *)(p->file + s->sh_offset);
	p->nsyms = s->sh_size / sizeof(Elf64_Sym);
	p->strings = p->file + str->sh_offset;
	p->syms_at = s->sh_addr;
	p->strings_at = str->sh_addr;
	if (!patch_at(p, s->sh_addr, s->sh_size) || !patch_at(p, str->sh_addr, str->sh_size))
		return 0;
	for (size_t i = 0; i < p->nsyms; i++)
		if (p->syms[i].st_name >= str->sh_size)
			return 0;
	for (int i = 0; i < 2; i++) {
		s = section(p, e, sh, rela[i]);
		if (!s)
			continue;
		if (!inside(p, s->sh_offset, s->sh_size))
			return 0;
		p->rela[i] = (const void *)(p->file + s->sh_offset);
		p->nrela[i] = s->sh_size / sizeof(Elf64_Rela);
	}
	s = section(p, e, sh, ".eh_frame");
	if (s && s->sh_size > 4)
		p->eh_frame = s->sh_addr;
	for (int i = 0; i < 2; i++) {
		s = section(p, e, sh, lists[i]);
		if (!s)
			continue;
		if (!patch_at(p, s->sh_addr, s->sh_size))
			return 0;
		p->lists[i] = s->sh_addr;
		p->nlists[i] = s->sh_size / sizeof(void *);
	}
	p->values = calloc(p->nsyms + 1, sizeof *p->values);
	p->known = calloc(p->nsyms + 1, sizeof *p->known);
	p->resolves = calloc(p->nsyms + 1, sizeof *p->resolves);
	return p->values && p->known && p->resolves;
}

static int header(const struct patch *p, struct reasons *why)
{
	const struct dsu_patch *d = patch_at(p, p->patch_sym, sizeof *d);

	if (!p->patch_sym || !d)
		because(why, "the patch has no table (symbol dsu_patch)");
	else if (d->abi != DSU_ABI)
		because(why, "the patch is for ABI %u, the program runs under ABI %u", d->abi,
			DSU_ABI);
	return !why->len;
}

int patch_read(struct patch *p, const char *path, const struct family *f, struct reasons *why)
{
	const Elf64_Ehdr *e;

	memset(p, 0, sizeof *p);
	if (!read_file(p, path, f, why) || !whole(p, path, why))
		return 0;
	e = (const void *)p->file;
	if (e->e_ident[EI_CLASS] != ELFCLASS64 || e->e_ident[EI_DATA] != ELFDATA2LSB ||
		e->e_machine != DSU_MACHINE) {
		because(why, "%s: for another processor (machine %u)", path, e->e_machine);
		return 0;
	}
	if (e->e_type != ET_DYN || !segments(p, e) || !tables(p, e)) {
		because(why, "%s: not laid out as a patch", path);
		return 0;
	}
	for (size_t i = 0; i < p->nsyms; i++)
		if (p->syms[i].st_shndx != SHN_UNDEF &&
			!strcmp(p->strings + p->syms[i].st_name, "dsu_patch"))
			p->patch_sym = p->syms[i].st_value;
	return header(p, why);
}

/* Bytes of the arena, and of the pool. */
uint64_t patch_room(const struct patch *p)
{
	uint64_t shared = ((p->text_size + PAGE - 1) & ~(PAGE - 1)) + p->image_size;
	uint64_t own = DSU_WITH_UNWINDS(p->data_size);

	return ((shared > own ? shared : own) + PAGE - 1) & ~(PAGE - 1);
}

/* Text and the data's first bytes lie in the shared half, the data itself at the same offset of the pool. */
/*
 * One that has been taken back lies there still. It is put into force again in the same place, unless
 * it has data of its own: what the old version has kept a pointer to may not get its first value again.
 */
static int lies_there(struct patch *p, const struct dsu_ledger *b)
{
	for (unsigned i = 0; i < b->npatches && !p->data_size && !p->threads.size; i++) {
		const struct dsu_applied *a = &b->patches[i];

		if (a->reverted && !memcmp(a->digest, p->digest, sizeof a->digest)) {
			p->index = i;
			p->base = a->base;
			return 1;
		}
	}
	return 0;
}

/* In the room that each thread has had since it began: no thread can be given more. */
static int place_in_threads(struct patch *p, const struct dsu_ledger *b, struct reasons *why)
{
	uint64_t at =
		(b->thread_room_used + DSU_THREAD_ROOM_ALIGN - 1) & ~(DSU_THREAD_ROOM_ALIGN - 1);

	if (p->threads.size > DSU_THREAD_ROOM || at > DSU_THREAD_ROOM - p->threads.size) {
		because(why,
			"the patch has %llu bytes of new thread-local variables, and %llu of the "
			"%lu "
			"that running threads have for such are left: restart the program",
			(unsigned long long)p->threads.size,
			(unsigned long long)(at < DSU_THREAD_ROOM ? DSU_THREAD_ROOM - at : 0),
			DSU_THREAD_ROOM);
		return 0;
	}
	p->threads.at = at;
	return 1;
}

int patch_place(struct patch *p, const struct family *f, struct reasons *why)
{
	const struct dsu_ledger *b = f->ledger;

	if (lies_there(p, b))
		return 1;

	if (b->npatches >= DSU_PATCHES || b->arena_used + patch_room(p) > b->arena_size) {
		because(why, "no room for another patch: %u have been applied and take %llu KiB",
			b->npatches, (unsigned long long)b->arena_used >> 10);
		return 0;
	}
	p->index = b->npatches;
	p->base = b->arena + b->arena_used;
	return !p->threads.size || place_in_threads(p, b, why);
}

void patch_free(struct patch *p)
{
	free(p->file);
	free(p->text);
	free(p->data);
	free(p->values);
	free(p->known);
	free(p->resolves);
}
