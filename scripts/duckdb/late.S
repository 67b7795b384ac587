/* A step for each function of DuckDB to where it is: kith_duckdb_slots says that, and late.c finds out.
 *
 * names.h has a line FUNCTION(number, name) for each of them, numbered from 0.
 */
#define FUNCTION(number, name) step number, name

#if defined(__x86_64__)

.macro jump number
	jmp *kith_duckdb_slots + 8 * \number(%rip)
.endm

.macro look number
	movl $\number, %r11d
	jmp find
.endm

	.text
/* What a call has brought in registers goes on to the function. */
find:
	pushq %rdi
	pushq %rsi
	pushq %rdx
	pushq %rcx
	pushq %r8
	pushq %r9
	pushq %rax
	subq $128, %rsp
	movups %xmm0, (%rsp)
	movups %xmm1, 16(%rsp)
	movups %xmm2, 32(%rsp)
	movups %xmm3, 48(%rsp)
	movups %xmm4, 64(%rsp)
	movups %xmm5, 80(%rsp)
	movups %xmm6, 96(%rsp)
	movups %xmm7, 112(%rsp)
	movl %r11d, %edi
	call kith_duckdb_function
	movq %rax, %r11
	movups (%rsp), %xmm0
	movups 16(%rsp), %xmm1
	movups 32(%rsp), %xmm2
	movups 48(%rsp), %xmm3
	movups 64(%rsp), %xmm4
	movups 80(%rsp), %xmm5
	movups 96(%rsp), %xmm6
	movups 112(%rsp), %xmm7
	addq $128, %rsp
	popq %rax
	popq %r9
	popq %r8
	popq %rcx
	popq %rdx
	popq %rsi
	popq %rdi
	jmp *%r11

#elif defined(__aarch64__)

.macro jump number
	adrp x16, kith_duckdb_slots + 8 * \number
	ldr x16, [x16, :lo12:kith_duckdb_slots + 8 * \number]
	br x16
.endm

.macro look number
	mov x17, #\number
	b find
.endm

	.text
/* What a call has brought in registers goes on to the function; x8 is where it puts what it returns. */
find:
	stp x29, x30, [sp, #-224]!
	mov x29, sp
	stp x0, x1, [sp, #16]
	stp x2, x3, [sp, #32]
	stp x4, x5, [sp, #48]
	stp x6, x7, [sp, #64]
	str x8, [sp, #80]
	stp q0, q1, [sp, #96]
	stp q2, q3, [sp, #128]
	stp q4, q5, [sp, #160]
	stp q6, q7, [sp, #192]
	mov x0, x17
	bl kith_duckdb_function
	mov x16, x0
	ldp x0, x1, [sp, #16]
	ldp x2, x3, [sp, #32]
	ldp x4, x5, [sp, #48]
	ldp x6, x7, [sp, #64]
	ldr x8, [sp, #80]
	ldp q0, q1, [sp, #96]
	ldp q2, q3, [sp, #128]
	ldp q4, q5, [sp, #160]
	ldp q6, q7, [sp, #192]
	ldp x29, x30, [sp], #224
	br x16

#else
#error "DuckDB's functions are found late on x86-64 and aarch64; elsewhere, set DUCKDB_STATIC=0"
#endif

.macro step number, name
	.text
	.globl \name
	.hidden \name
	.type \name, %function
\name:
	jump \number
1:	look \number
	.size \name, . - \name
	.section .data.rel.local, "aw"
	.quad 1b
.endm

	.section .data.rel.local, "aw"
	.balign 8
	.globl kith_duckdb_slots
	.hidden kith_duckdb_slots
kith_duckdb_slots:
#include "names.h"
	.section .note.GNU-stack, "", %progbits
