/*
 * unwinder.c - all that libgcc's unwinder does when it is used for the first time, done beforehand.
 *
 * A sandboxed process may not do it at all, and in the others it would be done in the pause.
 */
#include <dlfcn.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <unwind.h>

#include "family.h"

/* ---- the first unwinding ---- */

static void *landing[DSU_LANDING_WORDS];
static volatile int cleaned;

/* Not in unwinds(): a function may not jump to a label of its own this way. */
static __attribute__((noinline)) void land(void)
{
	__builtin_longjmp(landing, 1);
}

static _Unwind_Reason_Code stop(int version, _Unwind_Action action, _Unwind_Exception_Class class,
	struct _Unwind_Exception *e, struct _Unwind_Context *c, void *arg)
{
	(void)version, (void)action, (void)class, (void)e, (void)c, (void)arg;
	if (cleaned)
		land();
	return _URC_NO_REASON;
}

static void clean(const int *p)
{
	(void)p;
	cleaned = 1;
}

/* This file is compiled with -fexceptions: here is a landing pad. */
static __attribute__((noinline)) void cleans(void)
{
	static struct _Unwind_Exception exception;
	int has __attribute__((cleanup(clean))) = 0;

	memset(&exception, 0, sizeof exception);
	_Unwind_ForcedUnwind(&exception, stop, NULL);
	has = 1;
}

static _Unwind_Reason_Code first_frame(struct _Unwind_Context *c, void *arg)
{
	(void)c, (void)arg;
	return _URC_NORMAL_STOP;
}

/* libgcc's references are bound when they are used, each by a search through all libraries. */
static __attribute__((noinline)) void unwinds(void)
{
	_Unwind_Backtrace(first_frame, NULL);
	if (!__builtin_setjmp(landing))
		cleans();
}

/*
 * Tables of one function, as a patch has them: a CIE without augmentation, an FDE, and the end. What
 * __register_frame_info() calls is bound by being called, and it looks no further where there are none.
 */
static const struct {
	uint32_t cie_length, cie_id;
	uint8_t version, augmentation, code_align, data_align, return_register, nops[3];
	uint32_t fde_length, cie_distance;
	const void *begin;
	size_t size;
	uint32_t end;
} tables = {12, 0, 1, 0, 1, 0x78 /* -8 */, 16, {0}, 20, 20, (const void *)land, 1, 0};
static char object[DSU_UNWINDS];

extern void __register_frame_info(const void *begin, void *object);
extern void *__deregister_frame_info(const void *begin);

/* ---- what is read ---- */

/* Of an object, from one of its addresses on, what is not written to. */
static struct dsu_range rest(const struct dl_phdr_info *info, uintptr_t at)
{
	uintptr_t low = at & ~4095UL, high = low;

	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		uintptr_t end = info->dlpi_addr + p->p_vaddr + p->p_memsz;

		if (p->p_type == PT_LOAD && !(p->p_flags & PF_W) && end > high)
			high = end;
	}
	return (struct dsu_range){low, high - low};
}

static int holds(const struct dl_phdr_info *info, uintptr_t at)
{
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];

		if (p->p_type == PT_LOAD && at - (info->dlpi_addr + p->p_vaddr) < p->p_memsz)
			return 1;
	}
	return 0;
}

static int find(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct dsu_ledger *l = arg;
	int program = !l->reads[0].size; /* it is the first object */

	(void)size;
	for (int i = 0; program && i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_GNU_EH_FRAME)
			l->reads[0] = rest(info, info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
	if (!program && holds(info, (uintptr_t)_Unwind_Backtrace))
		l->reads[1] = rest(info, info->dlpi_addr);
	if (!program && holds(info, (uintptr_t)_dl_find_object))
		l->reads[2] = rest(info, info->dlpi_addr);
	return !program && l->reads[1].size && l->reads[2].size;
}

/*
 * What every unwinding reads: the program's tables, and the code of the unwinder and of what it asks.
 * A fork leaves out of the child's page tables what belongs to files.
 */
void dsu_unwinder_reads(struct dsu_ledger *l)
{
	dl_iterate_phdr(find, l);
}

/*
 * The unwinder's own set-up wakes a futex, and it sorts a patch's tables in memory from malloc(),
 * whose own set-up asks for randomness: a sandboxed process may do neither.
 */
void dsu_unwinder_init(void)
{
	void *volatile heap = malloc(65536);

	free(heap);
	unwinds();
	__register_frame_info(&tables, object);
	__deregister_frame_info(&tables);
}
