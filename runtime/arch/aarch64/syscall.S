/*
 * syscall.S - a system call that our signal can interrupt without a race.
 *
 * long dsu_syscall(long a, long b, long c, long d, long e, long f, long nr, long seen)
 *
 * As in arch/x86_64, where it is told what the three labels are for.
 */
	.section dsu_text, "ax", %progbits
	.globl dsu_syscall, dsu_syscall_begin, dsu_syscall_end, dsu_syscall_cancel
	.hidden dsu_syscall, dsu_syscall_begin, dsu_syscall_end, dsu_syscall_cancel
	.type dsu_syscall, %function
	.balign 4
dsu_syscall:
	.cfi_startproc
	mov x8, x6
dsu_syscall_begin:
	mrs x9, tpidr_el0
	adrp x10, :gottprel:dsu_interrupts
	ldr x10, [x10, #:gottprel_lo12:dsu_interrupts]
	ldr x10, [x9, x10]
	cmp x10, x7
	b.ne dsu_syscall_cancel
	svc #0
dsu_syscall_end:
	ret
dsu_syscall_cancel:
	mov x0, #-5000
	ret
	.cfi_endproc
	.size dsu_syscall, . - dsu_syscall
	.section .note.GNU-stack, "", %progbits
