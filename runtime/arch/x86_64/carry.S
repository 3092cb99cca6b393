/*
 * carry.S - a library's frames stay where they are while the program's above them are replaced.
 *
 * dsu_carry_enter: our signal's handler sends a thread here that it found in a library's system call,
 * with the pc in rcx, which such a call leaves undefined. All registers are pushed beneath the red
 * zone: struct dsu_context, with 512 bytes by fxsave beneath it. dsu_carry_look() says where to go on:
 * here (the context), in the frame of dsu_carry_resume that waits for the library (its stack
 * pointer), or nowhere (null); then the call is made as if nothing had been.
 *
 * dsu_carry_resume: the resume variant of the library's record. It makes the system call on the
 * library's own stack, above. The outermost of the library's frames returns to dsu_carry_return, and
 * that to whom dsu_carry_resume was called by.
 *
 * dsu_carry_unwind: unwinds as if called where the library was, so that nothing of the library's is run.
 *
 * Where the stack pointer is in between, an unwinder finds no caller, and the dry walk refuses.
 */
	.macro restore context
	lea -512(\context), %rcx
	and $-16, %rcx
	fxrstor64 (%rcx)
	mov \context, %rsp
	.irp register, r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax
	pop %\register
	.endr
	popfq
	ret $128
	.endm

	.section dsu_text, "ax", @progbits
	.globl dsu_carry_enter, dsu_carry_resume, dsu_carry_unwind, dsu_carry_left, dsu_carry_return
	.hidden dsu_carry_enter, dsu_carry_resume, dsu_carry_unwind, dsu_carry_left, dsu_carry_return
	.type dsu_carry_enter, @function
dsu_carry_enter:
	.cfi_startproc
	.cfi_signal_frame
	.cfi_undefined rip
	lea -136(%rsp), %rsp
	pushfq
	.irp register, rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15
	push %\register
	.endr
	mov %rcx, 128(%rsp)
	mov %rsp, %rbp
	sub $512, %rsp
	and $-16, %rsp
	fxsave64 (%rsp)
	cld
	.cfi_def_cfa rbp, 264
	.cfi_offset rip, -136
	.cfi_offset rbx, -160
	.cfi_offset rbp, -200
	.cfi_offset r12, -240
	.cfi_offset r13, -248
	.cfi_offset r14, -256
	.cfi_offset r15, -264
	mov %rbp, %rdi
	call dsu_carry_look
	test %rax, %rax
	jz 1f
	cmp %rax, %rbp
	jne 2f
	mov %rbp, %rdi
	call dsu_carry_point
1:	.cfi_undefined rip
	restore %rbp
2:	mov %rax, %rsp
	jmp dsu_carry_waits
	.cfi_endproc
	.size dsu_carry_enter, . - dsu_carry_enter

	.type dsu_carry_resume, @function
dsu_carry_resume:
	.cfi_startproc
	.irp register, rbp, rbx, r12, r13, r14, r15
	push %\register
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset \register, 0
	.endr
	sub $8, %rsp
	.cfi_adjust_cfa_offset 8
	mov %rsp, %rdi
	call dsu_carry_again
	mov %rax, %rbp
	jmp 1f
dsu_carry_waits:
	mov %rbp, %rdi
	call dsu_carry_point
1:	.cfi_undefined rip
	restore %rbp
	.cfi_endproc
	.size dsu_carry_resume, . - dsu_carry_resume

	.type dsu_carry_unwind, @function
dsu_carry_unwind:
	.cfi_startproc
	mov (%rdi), %rbx
	mov 8(%rdi), %rbp
	mov 16(%rdi), %r12
	mov 24(%rdi), %r13
	mov 32(%rdi), %r14
	mov 40(%rdi), %r15
	mov %rsi, %rsp
	jmp dsu_unwind
	.cfi_endproc
	.size dsu_carry_unwind, . - dsu_carry_unwind

	.type dsu_carry_left, @function
dsu_carry_left:
	.cfi_startproc
	.cfi_undefined rip
	nop /* an unwinder looks in front of the address that is returned to */
dsu_carry_return:
	mov dsu_thread@gottpoff(%rip), %rcx
	mov %fs:8(%rcx), %r11
	cmp %r11, (%r11)
	jne 1f
	mov %fs:(%rcx), %rsp
	add $8, %rsp
	.irp register, r15, r14, r13, r12, rbx, rbp
	pop %\register
	.endr
	ret
1:	and $-16, %rsp
	call dsu_carry_broken
	.cfi_endproc
	.size dsu_carry_left, . - dsu_carry_left
	.section .note.GNU-stack, "", @progbits
