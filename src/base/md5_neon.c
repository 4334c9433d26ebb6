/* MD5 of eight messages at once, on ARM. */
#include "base/md5_int.h"

#include <arm_neon.h>

/*
 * Eight messages side by side, in two halves of four: lane i of a half belongs to message i of it.
 * A step of one half has to wait for the one before; the other half fills the time. Every processor
 * of this architecture has these instructions.
 */

enum { HALVES = 2, WORDS = 16 };

#define FUN_F(b, c, d) vbslq_u32(b, c, d)
#define FUN_G(b, c, d) vbslq_u32(d, b, c)
#define FUN_H(b, c, d) veorq_u32(b, veorq_u32(c, d))
#define FUN_I(b, c, d) veorq_u32(c, vornq_u32(b, d))
#define HALF(f, a, b, c, d, k, s, t, h)                                                            \
	a[h] = vaddq_u32(a[h], vaddq_u32(w[h][k], vdupq_n_u32(t)));                                \
	a[h] = vaddq_u32(a[h], FUN_##f(b[h], c[h], d[h]));                                         \
	a[h] = vsriq_n_u32(vshlq_n_u32(a[h], s), a[h], 32 - (s));                                  \
	a[h] = vaddq_u32(a[h], b[h]);
#define STEP(f, a, b, c, d, k, s, t)                                                               \
	HALF(f, a, b, c, d, k, s, t, 0)                                                            \
	HALF(f, a, b, c, d, k, s, t, 1)

/* Transpose four rows of four words (row i: message i) to columns (w[k]: word k of all messages).
 */
static inline void transpose(uint32x4_t w[4], const unsigned char *const data[], size_t at)
{
	uint32x4_t r[4];
	for (int i = 0; i < 4; i++)
		r[i] = vreinterpretq_u32_u8(vld1q_u8(data[i] + at));

	uint64x2_t even[2], odd[2]; /* words 0 and 2, 1 and 3, of messages 0, 1 and 2, 3 */
	for (int i = 0; i < 2; i++) {
		even[i] = vreinterpretq_u64_u32(vtrn1q_u32(r[2 * i], r[2 * i + 1]));
		odd[i] = vreinterpretq_u64_u32(vtrn2q_u32(r[2 * i], r[2 * i + 1]));
	}
	w[0] = vreinterpretq_u32_u64(vtrn1q_u64(even[0], even[1]));
	w[1] = vreinterpretq_u32_u64(vtrn1q_u64(odd[0], odd[1]));
	w[2] = vreinterpretq_u32_u64(vtrn2q_u64(even[0], even[1]));
	w[3] = vreinterpretq_u32_u64(vtrn2q_u64(odd[0], odd[1]));
}

void md5_kernel_neon(
	uint32_t state[4][MD5_MAX_LANES], const unsigned char *const data[], size_t blocks)
{
	uint32x4_t a[HALVES], b[HALVES], c[HALVES], d[HALVES];
	for (int h = 0; h < HALVES; h++) {
		a[h] = vld1q_u32(state[0] + 4 * h);
		b[h] = vld1q_u32(state[1] + 4 * h);
		c[h] = vld1q_u32(state[2] + 4 * h);
		d[h] = vld1q_u32(state[3] + 4 * h);
	}
	for (size_t at = 0; at < blocks * 64; at += 64) {
		uint32x4_t w[HALVES][WORDS];
		const uint32x4_t a0[] = {a[0], a[1]}, b0[] = {b[0], b[1]}, c0[] = {c[0], c[1]},
				 d0[] = {d[0], d[1]};
		for (int h = 0; h < HALVES; h++) {
			for (int k = 0; k < WORDS; k += 4)
				transpose(w[h] + k, data + 4 * h, at + 4 * (size_t)k);
		}
		MD5_STEPS(STEP)
		for (int h = 0; h < HALVES; h++) {
			a[h] = vaddq_u32(a[h], a0[h]);
			b[h] = vaddq_u32(b[h], b0[h]);
			c[h] = vaddq_u32(c[h], c0[h]);
			d[h] = vaddq_u32(d[h], d0[h]);
		}
	}
	for (int h = 0; h < HALVES; h++) {
		vst1q_u32(state[0] + 4 * h, a[h]);
		vst1q_u32(state[1] + 4 * h, b[h]);
		vst1q_u32(state[2] + 4 * h, c[h]);
		vst1q_u32(state[3] + 4 * h, d[h]);
	}
}
