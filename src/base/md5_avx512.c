#include "base/md5_int.h"

#include <immintrin.h>

/* Sixteen messages side by side. Each of MD5's functions is one ternary-logic instruction; its
 * constant is the truth table of the function. */

#define FUN_F(b, c, d) _mm512_ternarylogic_epi32(b, c, d, 0xca)
#define FUN_G(b, c, d) _mm512_ternarylogic_epi32(b, c, d, 0xe4)
#define FUN_H(b, c, d) _mm512_ternarylogic_epi32(b, c, d, 0x96)
#define FUN_I(b, c, d) _mm512_ternarylogic_epi32(b, c, d, 0x39)
#define STEP(f, a, b, c, d, k, s, t)                                                               \
	a = _mm512_add_epi32(a, _mm512_add_epi32(w[k], _mm512_set1_epi32((int)(t))));              \
	a = _mm512_add_epi32(a, FUN_##f(b, c, d));                                                 \
	a = _mm512_add_epi32(_mm512_rol_epi32(a, s), b);

/* Transpose sixteen rows of sixteen words (row i: message i) to columns (w[k]: word k of all
 * messages). */
static inline void transpose(__m512i w[16], const unsigned char *const data[], size_t at)
{
	__m512i r[16], t[16];
	for (int i = 0; i < 16; i++)
		r[i] = _mm512_loadu_si512((const void *)(data[i] + at));

	for (int i = 0; i < 16; i += 2) {
		t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
		t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
	}

	for (int i = 0; i < 16;
		i += 4) { /* r[i + k]: word k of each 128-bit quarter, for messages i .. i + 3 */
		r[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
		r[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
		r[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
		r[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
	}

	for (int k = 0; k < 4; k++) { /* a 4x4 transpose of quarters */
		__m512i lo0 = _mm512_shuffle_i32x4(r[k], r[k + 4], 0x44);
		__m512i hi0 = _mm512_shuffle_i32x4(r[k], r[k + 4], 0xee);
		__m512i lo1 = _mm512_shuffle_i32x4(r[k + 8], r[k + 12], 0x44);
		__m512i hi1 = _mm512_shuffle_i32x4(r[k + 8], r[k + 12], 0xee);
		w[k] = _mm512_shuffle_i32x4(lo0, lo1, 0x88);
		w[k + 4] = _mm512_shuffle_i32x4(lo0, lo1, 0xdd);
		w[k + 8] = _mm512_shuffle_i32x4(hi0, hi1, 0x88);
		w[k + 12] = _mm512_shuffle_i32x4(hi0, hi1, 0xdd);
	}
}

void md5_kernel_avx512(
	uint32_t state[4][MD5_MAX_LANES], const unsigned char *const data[], size_t blocks)
{
	__m512i a = _mm512_loadu_si512(state[0]), b = _mm512_loadu_si512(state[1]);
	__m512i c = _mm512_loadu_si512(state[2]), d = _mm512_loadu_si512(state[3]);
	for (size_t at = 0; at < blocks * 64; at += 64) {
		__m512i w[16], a0 = a, b0 = b, c0 = c, d0 = d;
		transpose(w, data, at);
		MD5_STEPS(STEP)
		a = _mm512_add_epi32(a, a0);
		b = _mm512_add_epi32(b, b0);
		c = _mm512_add_epi32(c, c0);
		d = _mm512_add_epi32(d, d0);
	}
	_mm512_storeu_si512(state[0], a);
	_mm512_storeu_si512(state[1], b);
	_mm512_storeu_si512(state[2], c);
	_mm512_storeu_si512(state[3], d);
}
