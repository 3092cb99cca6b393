/*
 * sigmask.S - void dsu_set_mask(uint64_t mask)
 *
 * What the kernel lays down for a handler is laid down here, and returned from: all registers as they
 * are, with another mask. No alternate stack has flags of -1, so that the kernel leaves the thread's
 * alone; and without floating-point state it resets that, of which a callee keeps the two control words.
 */
	.section dsu_text, "ax", @progbits
	.globl dsu_set_mask
	.hidden dsu_set_mask
	.type dsu_set_mask, @function
dsu_set_mask:
	.cfi_startproc
	sub $312, %rsp
	.cfi_adjust_cfa_offset 312
	stmxcsr 304(%rsp)
	fnstcw 308(%rsp)
	movq $0, (%rsp) /* uc_flags, uc_link, uc_stack */
	movq $0, 8(%rsp)
	movq $0, 16(%rsp)
	movq $-1, 24(%rsp)
	movq $0, 32(%rsp)
	mov %r8, 40(%rsp)
	mov %r9, 48(%rsp)
	mov %r10, 56(%rsp)
	mov %r11, 64(%rsp)
	mov %r12, 72(%rsp)
	mov %r13, 80(%rsp)
	mov %r14, 88(%rsp)
	mov %r15, 96(%rsp)
	mov %rdi, 104(%rsp)
	mov %rsi, 112(%rsp)
	mov %rbp, 120(%rsp)
	mov %rbx, 128(%rsp)
	mov %rdx, 136(%rsp)
	mov %rcx, 152(%rsp)
	mov %rsp, 160(%rsp)
	lea 1f(%rip), %rax
	mov %rax, 168(%rsp)
	mov %rax, 144(%rsp)
	pushfq
	pop %rax
	mov %rax, 176(%rsp)
	movq $0, 184(%rsp)
	mov %cs, 184(%rsp)
	mov %ss, 190(%rsp)
	movq $0, 192(%rsp)
	movq $0, 200(%rsp)
	movq $0, 208(%rsp)
	movq $0, 216(%rsp)
	movq $0, 224(%rsp) /* no floating-point state */
	mov %rdi, 296(%rsp)
	mov $15, %eax /* rt_sigreturn */
	syscall
1:	ldmxcsr 304(%rsp)
	fldcw 308(%rsp)
	add $312, %rsp
	.cfi_adjust_cfa_offset -312
	ret
	.cfi_endproc
	.size dsu_set_mask, . - dsu_set_mask
	.section .note.GNU-stack, "", @progbits
