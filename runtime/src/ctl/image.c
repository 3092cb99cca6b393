/*
 * image.c - the running program's own file and its symbol table.
 *
 * The file is the program's owner's, who may be another than ours: its offsets are looked at.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl.h"

/* `n` things of `size` bytes each at an offset; null: they are not all in the file. */
static const void *inside(const struct image *m, uint64_t at, uint64_t n, uint64_t size)
{
	return at <= m->size && n <= (m->size - at) / size ? m->at + at : NULL;
}

static void find_segments(struct image *m, const Elf64_Ehdr *e)
{
	const Elf64_Phdr *ph = inside(m, e->e_phoff, e->e_phnum, sizeof *ph);

	m->low = UINT64_MAX;
	for (int i = 0; ph && i < e->e_phnum; i++) {
		uint64_t start = ph[i].p_vaddr, end = start + ph[i].p_memsz;

		if (ph[i].p_type == PT_TLS)
			m->tls_size = (ph[i].p_memsz + ph[i].p_align - 1) & ~(ph[i].p_align - 1);
		if (ph[i].p_type != PT_LOAD)
			continue;
		m->low = start < m->low ? start : m->low;
		m->high = end > m->high ? end : m->high;
	}
}

static void find_symbols(struct image *m, const Elf64_Ehdr *e)
{
	const Elf64_Shdr *sh = inside(m, e->e_shoff, e->e_shnum, sizeof *sh), *str;

	for (int i = 0; sh && e->e_shoff && i < e->e_shnum; i++) {
		if (sh[i].sh_type != SHT_SYMTAB || sh[i].sh_link >= e->e_shnum)
			continue;
		str = &sh[sh[i].sh_link];
		m->nsyms = sh[i].sh_size / sizeof *m->syms;
		m->syms = inside(m, sh[i].sh_offset, m->nsyms, sizeof *m->syms);
		m->strings = inside(m, str->sh_offset, str->sh_size, 1);
		m->nstrings = str->sh_size;
	}
	if (!m->strings || !m->nstrings || m->strings[m->nstrings - 1])
		m->syms = NULL;
}

/* 0: it cannot be read, or has been stripped. */
int image_open(struct image *m, const struct family *f, struct reasons *why)
{
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
	if (m->size >= sizeof(Elf64_Ehdr)) {
		find_segments(m, (const void *)m->at);
		find_symbols(m, (const void *)m->at);
	}
	if (m->syms)
		return 1;
	because(why,
		"%s has been stripped: without its symbol table nothing can be patched into it",
		f->exe);
	image_close(m);
	return 0;
}

void image_close(struct image *m)
{
	munmap((void *)(uintptr_t)m->at, m->size);
}
