/*
 * arena.c - where patches will lie, and a copy of the program's own text that can be redirected.
 *
 * One file in memory: [0, DSU_PATCH_DATA) is the room for the ledger and for patches, behind it stands the text. All
 * processes map it to read and execute, none to write; dsuctl writes through a mapping of its own,
 * and all see it at once. The text's mapping is private, so a debugger can set breakpoints.
 */
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bound.h"
#include "family.h"
#include "trust.h"

#ifndef MFD_EXEC
# define MFD_EXEC 0x0010U
#endif

const struct dsu_ledger *dsu_ledger;

static const ElfW(Dyn) * dynamic;

static void build_id(struct dsu_ledger *l, const char *p, const char *end)
{
	while (p + sizeof(ElfW(Nhdr)) <= end) {
		const ElfW(Nhdr) *n = (const void *)p;
		const char *name = p + sizeof *n, *desc = name + ((n->n_namesz + 3) & ~3u);

		if (n->n_type == NT_GNU_BUILD_ID && n->n_namesz == 4 && !memcmp(name, "GNU", 4)) {
			l->build_id_size = n->n_descsz < 20 ? n->n_descsz : 20;
			memcpy(l->build_id, desc, l->build_id_size);
		}
		p = desc + ((n->n_descsz + 3) & ~3u);
	}
}

/* The first object is the program. */
static int program(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct dsu_ledger *l = arg;

	(void)size;
	l->load_bias = info->dlpi_addr;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		uint64_t start = info->dlpi_addr + p->p_vaddr;

		if (p->p_type == PT_DYNAMIC)
			dynamic = (const void *)start;
		if (p->p_type == PT_NOTE)
			build_id(l, (const char *)start, (const char *)start + p->p_memsz);
		if (p->p_type == PT_LOAD && p->p_flags & PF_X && !l->text) {
			l->text = start & ~4095UL;
			l->text_size = ((start + p->p_memsz + 4095) & ~4095UL) - l->text;
		}
	}
	return 1;
}

static int create(uint64_t size)
{
	int fd = memfd_create(DSU_ARENA_NAME, MFD_CLOEXEC | MFD_EXEC);

	if (fd < 0)
		fd = memfd_create(DSU_ARENA_NAME, MFD_CLOEXEC);
	if (fd >= 0 && (fchmod(fd, 0600) < 0 || ftruncate(fd, (off_t)size) < 0)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* Near the program, so that patches may be linked with 32-bit distances; 0 if there is no room. */
static uint64_t reserve(uint64_t text, uint64_t size)
{
	for (int64_t step = 1; step < 24; step++) {
		uint64_t low =
			(text & ~(DSU_PATCH_DATA - 1)) - (uint64_t)(step + 2) * DSU_PATCH_DATA;
		uint64_t high = (text & ~(DSU_PATCH_DATA - 1)) + (1UL << 30) +
				(uint64_t)step * DSU_PATCH_DATA;
		uint64_t try[2] = {text > (uint64_t)(step + 4) * DSU_PATCH_DATA ? low : high, high};

		for (int i = 0; i < 2; i++) {
			void *p = mmap((void *)try[i], size, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE,
				-1, 0);

			if (p == (void *)try[i])
				return try[i];
			if (p != MAP_FAILED)
				munmap(p, size); /* a kernel that does not know the flag */
		}
	}
	return 0;
}

/* Read only from here on: a process that is taken over cannot rewrite its family's code. */
static int read_only(int fd)
{
	char path[64];
	int ro;

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	ro = open(path, O_RDONLY | O_CLOEXEC);
	if (ro < 0)
		return fd; /* no /proc */
	close(fd);
	return ro;
}

/* The ledger and the text, as the program is started. */
static int fill(int fd, const struct dsu_ledger *l)
{
	const ssize_t filled = offsetof(struct dsu_ledger, patches);

	return pwrite(fd, l, (size_t)filled, 0) == filled &&
	       pwrite(fd, (const void *)l->text, l->text_size, (off_t)l->text_offset) ==
		       (ssize_t)l->text_size;
}

/* A descriptor, or -1: then there is no family, and the program is as it was. */
int dsu_arena_init(void)
{
	static struct dsu_ledger l; /* too large for a stack that the program has made small */
	int fd;

	memcpy(l.magic, DSU_LEDGER_MAGIC, sizeof l.magic);
	l.signal = DSU_SIGNAL;
	l.text_offset = l.arena_size = DSU_PATCH_DATA;
	l.arena_used = DSU_LEDGER_ROOM;
	dl_iterate_phdr(program, &l);
	if (!l.text)
		return -1;
	dsu_trust_read(&l.trust);
	dsu_unwinder_reads(&l);
	l.arena = reserve(l.text, 2 * DSU_PATCH_DATA); /* its second half is the pool */
	fd = create(l.text_offset + l.text_size);
	if (fd < 0)
		return -1;
	if (!l.arena)
		goto fail;
	dsu_bound_write(&l, fd, dynamic);
	if (!fill(fd, &l))
		goto fail;
	fd = read_only(fd);
	if (mmap((void *)l.arena, DSU_PATCH_DATA, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED, fd,
		    0) == MAP_FAILED)
		goto fail;
	if (mmap((void *)l.text, l.text_size, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd,
		    (off_t)l.text_offset) == MAP_FAILED)
		dsu_die("cannot map the program's text again");
	dsu_ledger = (const struct dsu_ledger *)l.arena;
	return fd;
fail:
	close(fd);
	return -1;
}
