/*
 * push.S - dsu_push() for landing pads, which has no effect on any register but its result's.
 *
 * char *dsu_push_keeping(const struct dsu_func *f, int cp)
 *
 * A landing pad has to keep the exception for its end. An ordinary call would have it kept in a
 * register that the function has to save at its entry, on the path that never unwinds. x16, x17 and
 * x30 are the call's own.
 */
	.text
	.globl dsu_push_keeping
	.type dsu_push_keeping, %function
dsu_push_keeping:
	.cfi_startproc
	stp x29, x30, [sp, #-16]!
	.cfi_adjust_cfa_offset 16
	.cfi_rel_offset x29, 0
	.cfi_rel_offset x30, 8
	mov x29, sp
	.cfi_def_cfa_register x29
	.irp pair, "x1, x2", "x3, x4", "x5, x6", "x7, x8", "x9, x10", "x11, x12", "x13, x14", "x15, x18"
	stp \pair, [sp, #-16]!
	.endr
	.irp pair, "q0, q1", "q2, q3", "q4, q5", "q6, q7", "q8, q9", "q10, q11", "q12, q13", "q14, q15", \
		"q16, q17", "q18, q19", "q20, q21", "q22, q23", "q24, q25", "q26, q27", "q28, q29", "q30, q31"
	stp \pair, [sp, #-32]!
	.endr
	bl dsu_push
	.irp pair, "q30, q31", "q28, q29", "q26, q27", "q24, q25", "q22, q23", "q20, q21", "q18, q19", \
		"q16, q17", "q14, q15", "q12, q13", "q10, q11", "q8, q9", "q6, q7", "q4, q5", "q2, q3", "q0, q1"
	ldp \pair, [sp], #32
	.endr
	.irp pair, "x15, x18", "x13, x14", "x11, x12", "x9, x10", "x7, x8", "x5, x6", "x3, x4", "x1, x2"
	ldp \pair, [sp], #16
	.endr
	ldp x29, x30, [sp], #16
	.cfi_def_cfa sp, 0
	.cfi_restore x29
	.cfi_restore x30
	ret
	.cfi_endproc
	.size dsu_push_keeping, . - dsu_push_keeping
	.section .note.GNU-stack, "", %progbits
