/* xform_memory.c - memory of an update, from the kernel or, in a sandbox, from the scratch. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "family.h"
#include "xform_in.h"

#define HUGE (8UL << 20)

int dsu_xform_no_memory(void)
{
	return dsu_xform_fail(
		dsu_x.may_map
			? "no memory to convert objects in"
			: "no memory to convert objects in, and a sandboxed process maps none",
		"out of memory", NULL);
}

/* A page fault for each 4 KiB of a large heap would cost more than what is done with the memory. */
void *dsu_map_fresh(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	if (size >= HUGE)
		madvise(p, size, MADV_HUGEPAGE);
	return p;
}

/* Zeroed; null where there is none. */
void *dsu_xform_take(size_t n)
{
	struct dsu_chunk *c;

	n = (n + 15) & ~15UL;
	if (!dsu_x.may_map) {
		void *p = dsu_scratch_left(dsu_x.t) > n + (1UL << 20) ? dsu_scratch(dsu_x.t, n)
								      : NULL;

		return p ? memset(p, 0, n) : NULL;
	}
	if (dsu_x.taken && dsu_x.taken->size - dsu_x.taken->used >= n) {
		c = dsu_x.taken;
	} else {
		size_t size = n + 64 > 1UL << 20 ? n + 64 : 1UL << 20;

		c = dsu_map_fresh(size);
		if (!c)
			return NULL;
		c->size = size;
		c->used = 64;
		c->next = dsu_x.taken;
		dsu_x.taken = c;
	}
	c->used += n;
	return (char *)c + c->used - n;
}

void dsu_xform_give_back(void)
{
	struct dsu_chunk *c;

	while ((c = dsu_x.taken)) {
		dsu_x.taken = c->next;
		munmap(c, c->size);
	}
	dsu_x.active = 0;
}

/* Asked of the kernel, by a call that every sandbox allows. */
int dsu_readable(const char *p)
{
	if (!dsu_block || p < (char *)4096 || p >= (char *)0x7ffffffff000)
		return 0;
	return dsu_raw_syscall(SYS_write, dsu_fds.notify, (long)p, 1) != -EFAULT;
}
