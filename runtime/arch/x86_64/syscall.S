/*
 * syscall.S - a system call that our signal can interrupt without a race.
 *
 * long dsu_syscall(long a, long b, long c, long d, long e, long f, long nr, long seen)
 *
 * `seen` is the thread's count of our signals before the caller last looked for a request. The handler
 * moves a thread that it finds in [begin, end) to the cancel exit; behind `end` the kernel's
 * -EINTR is turned into -DSU_INTERRUPTED where our signal caused it. (A call that the kernel
 * would restart has its pc put back to the instruction, and so lies in front of `end`.)
 */
	.section dsu_text, "ax", @progbits
	.globl dsu_syscall, dsu_syscall_begin, dsu_syscall_end, dsu_syscall_cancel
	.hidden dsu_syscall, dsu_syscall_begin, dsu_syscall_end, dsu_syscall_cancel
	.type dsu_syscall, @function
dsu_syscall:
	.cfi_startproc
	mov %rcx, %r10
	mov 8(%rsp), %rax
dsu_syscall_begin:
	mov dsu_interrupts@gottpoff(%rip), %r11
	mov %fs:(%r11), %r11
	cmp 16(%rsp), %r11
	jne dsu_syscall_cancel
	syscall
dsu_syscall_end:
	ret
dsu_syscall_cancel:
	mov $-5000, %rax
	ret
	.cfi_endproc
	.size dsu_syscall, . - dsu_syscall
	.section .note.GNU-stack, "", @progbits
