/* arch.h - what the runtime must know of the processor: registers, stack, code patching. */
#ifndef DSU_ARCH_H
#define DSU_ARCH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <ucontext.h>

#define DSU_RED_ZONE    256 /* none by the ABI; room for a frame record and what gcc keeps there */
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
	size_t byte;

	__asm__ volatile("cbz %2, 2f\n"
			 "1: ldrb %w3, [%1], #1\n"
			 "strb %w3, [%0], #1\n"
			 "subs %2, %2, #1\n"
			 "b.ne 1b\n"
			 "2:"
		: "+r"(to), "+r"(from), "+r"(n), "=&r"(byte)
		:
		: "cc", "memory");
}

static inline __attribute__((always_inline)) char *dsu_stack_pointer(void)
{
	char *sp;

	__asm__ volatile("mov %0, sp" : "=r"(sp));
	return sp;
}

/* Another process has written code that this one is about to run. */
static inline void dsu_serialize(void)
{
	__asm__ volatile("dsb ish\n\tisb" : : : "memory");
}

/*
 * What the call in front of `after` calls by name, through the linkage table, too; 0: by a pointer,
 * or who knows.
 */
static inline uintptr_t dsu_call_target(uintptr_t after)
{
	uint32_t code;

	memcpy(&code, (const void *)(after - 4), sizeof code);
	if ((code & 0xfc000000u) != 0x94000000u) /* bl */
		return 0;
	return after - 4 + (uintptr_t)(intptr_t)((int32_t)(code << 6) >> 4);
}

/* Where a linkage table's entry jumps to; 0: it is none. */
static inline uintptr_t dsu_linkage_target(uintptr_t at)
{
	uint32_t code[2];
	uintptr_t pages;

	memcpy(code, (const void *)at, sizeof code);
	if ((code[0] & 0x9f00001fu) != 0x90000010u || (code[1] & 0xffc003ffu) != 0xf9400211u)
		return 0; /* adrp x16, ldr x17, [x16, to] */
	pages = (uintptr_t)(intptr_t)((int32_t)(code[0] << 8) >> 13) << 2 | (code[0] >> 29 & 3);
	return *(const uintptr_t *)((at & ~4095UL) + (pages << 12) + (code[1] >> 10 & 0xfff) * 8);
}

/* In a loop that waits for another processor. */
static inline void dsu_relax(void)
{
	__asm__ volatile("yield");
}

/* No errno, no cancellation point. */
static inline long dsu_raw_syscall(long nr, long a, long b, long c)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;

	__asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
	return x0;
}

/* The thread's signal mask; a sandbox has to allow it here. */
static inline void dsu_set_mask(uint64_t mask)
{
	register long x8 __asm__("x8") = 135; /* rt_sigprocmask */
	register long x0 __asm__("x0") = 2;   /* SIG_SETMASK */
	register long x1 __asm__("x1") = (long)&mask;
	register long x2 __asm__("x2") = 0;
	register long x3 __asm__("x3") = sizeof mask;

	__asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
}

/* For lengths of time measured without a system call; dsuctl knows what a tick is worth. */
static inline unsigned long long dsu_ticks(void)
{
	unsigned long long ticks;

	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
	return ticks;
}

static inline size_t dsu_uc_pc(const ucontext_t *uc)
{
	return (size_t)uc->uc_mcontext.pc;
}

static inline void dsu_uc_set_pc(ucontext_t *uc, size_t pc)
{
	uc->uc_mcontext.pc = pc;
}

static inline long dsu_uc_result(const ucontext_t *uc)
{
	return (long)uc->uc_mcontext.regs[0];
}

static inline void dsu_uc_set_result(ucontext_t *uc, long r)
{
	uc->uc_mcontext.regs[0] = (unsigned long long)r;
}

/*
 * Entries are compiled with -fpatchable-function-entry=3,3. The room in front takes adrp x16,
 * add x16, br x16: patches lie within 4 GiB of the program. The body's first instruction becomes
 * a jump back into it.
 */
#define DSU_ENTRY_ROOM  12
#define DSU_ENTRY_BYTES 4
#define DSU_ENTRY_NOP   0xd503201fu

static inline int dsu_entry_has_room(const unsigned char *at)
{
	uint32_t word[3];

	memcpy(word, at, sizeof word);
	if ((word[0] & 0x9f00001fu) == 0x90000010u && word[2] == 0xd61f0200u)
		return 1; /* redirected before */
	return word[0] == DSU_ENTRY_NOP && word[1] == DSU_ENTRY_NOP && word[2] == DSU_ENTRY_NOP;
}

/* What will stand at `at`, where the room begins. */
static inline void dsu_entry_jump(unsigned char *to, uint64_t at, uint64_t target)
{
	uint32_t pages = (uint32_t)((target >> 12) - (at >> 12));
	uint32_t code[4] = {
		0x90000010u | (pages & 3) << 29 | (pages >> 2 & 0x7ffff) << 5,
		0x91000210u | (uint32_t)(target & 0xfff) << 10,
		0xd61f0200u,
		0x17fffffdu, /* b .-12 */
	};

	memcpy(to, code, sizeof code);
}

/* ---- of dsuctl, which links patches ---- */

#define DSU_MACHINE    EM_AARCH64
#define DSU_R_NONE     R_AARCH64_NONE
#define DSU_R_RELATIVE R_AARCH64_RELATIVE
#define DSU_R_GLOB_DAT R_AARCH64_GLOB_DAT
#define DSU_R_JUMP     R_AARCH64_JUMP_SLOT
#define DSU_R_ADDRESS  R_AARCH64_ABS64
#define DSU_R_TPOFF    R_AARCH64_TLS_TPREL

#endif
