/*
 * push.S - dsu_push() for landing pads, which has no effect on any register but its result's.
 *
 * char *dsu_push_keeping(const struct dsu_func *f, int cp)
 *
 * A landing pad has to keep the exception for its end. An ordinary call would have it kept in a
 * register that the function has to save at its entry, on the path that never unwinds.
 */
	.text
	.globl dsu_push_keeping
	.type dsu_push_keeping, @function
dsu_push_keeping:
	.cfi_startproc
	.irp register, rcx, rdx, rsi, rdi, r8, r9, r10, r11
	push %\register
	.cfi_adjust_cfa_offset 8
	.endr
	sub $8, %rsp
	.cfi_adjust_cfa_offset 8
	call dsu_push@PLT
	add $8, %rsp
	.cfi_adjust_cfa_offset -8
	.irp register, r11, r10, r9, r8, rdi, rsi, rdx, rcx
	pop %\register
	.cfi_adjust_cfa_offset -8
	.endr
	ret
	.cfi_endproc
	.size dsu_push_keeping, . - dsu_push_keeping
	.section .note.GNU-stack, "", @progbits
