/* arch.h - what the runtime must know of the processor: registers, stack, code patching. */
#ifndef DSU_ARCH_H
#define DSU_ARCH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <ucontext.h>

#define DSU_RED_ZONE    256 /* 128 by the ABI, and room for a return address */
#define DSU_STACK_ALIGN 16

/* __builtin_setjmp keeps frame pointer, label and stack pointer, in this order. */
#define DSU_LANDING_WORDS 5
static inline char *dsu_landing_sp(void *const *landing)
{
	return landing[2];
}

/*
 * Copy without a call: its caller's frame may be the only one that lies outside the region
 * being written.
 */
static inline __attribute__((always_inline)) void dsu_copy_inline(
	void *to, const void *from, size_t n)
{
	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
}

static inline __attribute__((always_inline)) char *dsu_stack_pointer(void)
{
	char *sp;

	__asm__ volatile("mov %%rsp, %0" : "=r"(sp));
	return sp;
}

/* Another process has written code that this one is about to run. */
static inline void dsu_serialize(void)
{
	unsigned a = 0, b, c = 0, d;

	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d) : : "memory");
}

/*
 * What the call in front of `after` calls by name, through the linkage table, too; 0: by a pointer,
 * or who knows. The bytes may mean something else: the answer need not be a function.
 */
static inline uintptr_t dsu_call_target(uintptr_t after)
{
	const unsigned char *p = (const unsigned char *)after;
	int32_t to;

	if (p[-6] == 0xff && p[-5] == 0x15) { /* call *to(%rip) */
		memcpy(&to, p - 4, sizeof to);
		return *(const uintptr_t *)(after + (uintptr_t)(intptr_t)to);
	}
	if (p[-5] != 0xe8) /* call to */
		return 0;
	memcpy(&to, p - 4, sizeof to);
	return after + (uintptr_t)(intptr_t)to;
}

/* Where a linkage table's entry jumps to; 0: it is none. */
static inline uintptr_t dsu_linkage_target(uintptr_t at)
{
	const unsigned char *p = (const unsigned char *)at;
	int32_t to;

	if (!memcmp(p, "\xf3\x0f\x1e\xfa", 4)) /* endbr64 */
		p += 4;
	p += *p == 0xf2;                  /* bnd */
	if (p[0] != 0xff || p[1] != 0x25) /* jmp *to(%rip) */
		return 0;
	memcpy(&to, p + 2, sizeof to);
	return *(const uintptr_t *)((uintptr_t)p + 6 + (uintptr_t)(intptr_t)to);
}

/* In a loop that waits for another processor. */
static inline void dsu_relax(void)
{
	__builtin_ia32_pause();
}

/* No errno, no cancellation point. */
static inline long dsu_raw_syscall(long nr, long a, long b, long c)
{
	long r;

	__asm__ volatile("syscall"
		: "=a"(r)
		: "0"(nr), "D"(a), "S"(b), "d"(c)
		: "rcx", "r11", "memory");
	return r;
}

/* The thread's signal mask, by the return from a signal handler that has not been: sigmask.S. */
void dsu_set_mask(uint64_t mask) __attribute__((visibility("hidden")));

/* For lengths of time measured without a system call; dsuctl knows what a tick is worth. */
static inline unsigned long long dsu_ticks(void)
{
	return __builtin_ia32_rdtsc();
}

static inline size_t dsu_uc_pc(const ucontext_t *uc)
{
	return (size_t)uc->uc_mcontext.gregs[REG_RIP];
}

static inline void dsu_uc_set_pc(ucontext_t *uc, size_t pc)
{
	uc->uc_mcontext.gregs[REG_RIP] = (greg_t)pc;
}

static inline long dsu_uc_result(const ucontext_t *uc)
{
	return uc->uc_mcontext.gregs[REG_RAX];
}

static inline void dsu_uc_set_result(ucontext_t *uc, long r)
{
	uc->uc_mcontext.gregs[REG_RAX] = r;
}

/*
 * Entries are compiled with -fpatchable-function-entry=14,14. The room in front takes an absolute
 * jump; the first two bytes of the body become a short jump back into it.
 */
#define DSU_ENTRY_ROOM  14
#define DSU_ENTRY_BYTES 2
#define DSU_ENTRY_JUMP  "\xff\x25\x00\x00\x00\x00" /* jmp *0(%rip); the address follows */
#define DSU_ENTRY_HOP   "\xeb\xf0"                 /* jmp .-14 */

/* No-ops, or the jump of an earlier patch. */
static inline int dsu_entry_has_room(const unsigned char *at)
{
	int nops = 0;

	for (int k = 0; k < DSU_ENTRY_ROOM; k++)
		nops += at[k] == 0x90;
	return nops == DSU_ENTRY_ROOM || !memcmp(at, DSU_ENTRY_JUMP, 6);
}

/* What will stand at `at`, where the room begins. */
static inline void dsu_entry_jump(unsigned char *to, uint64_t at, uint64_t target)
{
	(void)at;
	memcpy(to, DSU_ENTRY_JUMP, 6);
	memcpy(to + 6, &target, 8);
	memcpy(to + DSU_ENTRY_ROOM, DSU_ENTRY_HOP, DSU_ENTRY_BYTES);
}

/* ---- of dsuctl, which links patches ---- */

#define DSU_MACHINE    EM_X86_64
#define DSU_R_NONE     R_X86_64_NONE
#define DSU_R_RELATIVE R_X86_64_RELATIVE
#define DSU_R_GLOB_DAT R_X86_64_GLOB_DAT
#define DSU_R_JUMP     R_X86_64_JUMP_SLOT
#define DSU_R_ADDRESS  R_X86_64_64
#define DSU_R_TPOFF    R_X86_64_TPOFF64

#endif
