/*
 * traced.c - a debugger's breakpoints give a process copies of its own of the pages that they are
 * in. Redirecting an entry on such a page would not reach that process.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"

#define PRESENT     (1ULL << 63)
#define SWAPPED     (1ULL << 62)
#define SHARED_FILE (1ULL << 61)

static int private_pages(const struct dsu_ledger *b, pid_t pid)
{
	char path[64];
	uint64_t entry[512];
	int fd, n = 0;

	snprintf(path, sizeof path, "/proc/%d/pagemap", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0; /* not allowed to look */
	for (uint64_t page = 0; page < b->text_size / 4096; page += 512) {
		ssize_t got = pread(fd, entry, sizeof entry, (off_t)((b->text / 4096 + page) * 8));

		for (uint64_t i = 0;
			got > 0 && i < (uint64_t)got / 8 && page + i < b->text_size / 4096; i++)
			n += (entry[i] & (PRESENT | SWAPPED)) && !(entry[i] & SHARED_FILE);
	}
	close(fd);
	return n;
}

void check_private_text(const struct family *f, struct reasons *why)
{
	static struct member m[DSU_SLOTS];
	int n = family_members(f, m);

	for (int i = 0; i < n; i++)
		if (member_leads(&m[i]) && private_pages(f->ledger, m[i].pid))
			because(why,
				"process %d: a debugger has changed its code; it can no longer be "
				"updated",
				m[i].pid);
}
