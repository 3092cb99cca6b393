/*
 * fetch.c - have the kernel map for the processes what they will read and write in the pause.
 *
 * What belongs to files is not in the page tables of a process that was forked. Reading it from here
 * puts it there while the program still runs; where we may not, the processes have the page faults.
 */
#include <sys/uio.h>

#include "round.h"

/* With a page Linux maps what lies around it in the same segment: up to four times as much as this. */
#define AROUND (16UL << 10)
#define BATCH  128 /* blocks; of a larger range only the beginning */

static void fetch(pid_t pid, uint64_t at, uint64_t size)
{
	struct iovec from[BATCH], to[1];
	char bytes[BATCH];
	unsigned n = 0;

	for (uint64_t end = at + size; n < BATCH && at < end; at = (at | (AROUND - 1)) + 1)
		from[n++] = (struct iovec){(void *)at, 1};
	to[0] = (struct iovec){bytes, n};
	process_vm_readv(pid, to, 1, from, n, 0);
}

/* The data of a patch that is new: nobody's until it is put there. One byte a page is enough. */
static void provide(pid_t pid, const struct dsu_applied *a)
{
	static const char zeros[BATCH];
	struct iovec to[BATCH], from[1];
	uint64_t end = a->data + DSU_WITH_UNWINDS(a->data_size);
	unsigned n = 0;

	for (uint64_t at = a->data; n < BATCH && at < end; at = (at | 4095) + 1)
		to[n++] = (struct iovec){(void *)at, 1};
	from[0] = (struct iovec){(void *)(uintptr_t)zeros, n};
	process_vm_writev(pid, from, 1, to, n, 0);
}

/* Before all are asked to stop. */
void fetch_pages(struct round *r)
{
	const struct dsu_applied *a = &r->l->patches[r->l->hand];
	int is_new = !r->l->reverting && r->l->hand >= r->l->npatches;
	int writes = a->data_size || a->eh_frame; /* else its page would be memory for nothing */

	r->n = family_members(r->f, r->members);
	for (int i = 0; i < r->n; i++) {
		if (!member_leads(&r->members[i]))
			continue;
		for (int k = 0; k < DSU_READS; k++)
			fetch(r->members[i].pid, r->l->reads[k].at, r->l->reads[k].size);
		fetch(r->members[i].pid, a->base, a->text_size);
		if (is_new && writes)
			provide(r->members[i].pid, a);
	}
}
