#include "base/md5_int.h"

#include <immintrin.h>

/* Eight messages side by side: lane i of every vector belongs to message i. Compiled with -mavx2,
 * so this code must run only when the processor has it. */

#define FUN_F(b, c, d) _mm256_xor_si256(d, _mm256_and_si256(b, _mm256_xor_si256(c, d)))
#define FUN_G(b, c, d) _mm256_xor_si256(c, _mm256_and_si256(d, _mm256_xor_si256(b, c)))
#define FUN_H(b, c, d) _mm256_xor_si256(b, _mm256_xor_si256(c, d))
#define FUN_I(b, c, d) _mm256_xor_si256(c, _mm256_or_si256(b, _mm256_xor_si256(d, ones)))
#define STEP(f, a, b, c, d, k, s, t)                                                               \
	a = _mm256_add_epi32(a, _mm256_add_epi32(w[k], _mm256_set1_epi32((int)(t))));              \
	a = _mm256_add_epi32(a, FUN_##f(b, c, d));                                                 \
	a = _mm256_or_si256(_mm256_slli_epi32(a, s), _mm256_srli_epi32(a, 32 - (s)));              \
	a = _mm256_add_epi32(a, b);

/* Transpose eight rows of eight words (row i: message i) to columns (w[k]: word k of all
 * messages). */
static inline void transpose(__m256i w[8], const unsigned char *const data[], size_t at)
{
	__m256i r[8], t[8];
	for (int i = 0; i < 8; i++)
		r[i] = _mm256_loadu_si256((const __m256i *)(const void *)(data[i] + at));

	for (int i = 0; i < 8; i += 2) {
		t[i] = _mm256_unpacklo_epi32(r[i], r[i + 1]);
		t[i + 1] = _mm256_unpackhi_epi32(r[i], r[i + 1]);
	}

	for (int i = 0; i < 8; i += 4) {
		r[i] = _mm256_unpacklo_epi64(t[i], t[i + 2]);
		r[i + 1] = _mm256_unpackhi_epi64(t[i], t[i + 2]);
		r[i + 2] = _mm256_unpacklo_epi64(t[i + 1], t[i + 3]);
		r[i + 3] = _mm256_unpackhi_epi64(t[i + 1], t[i + 3]);
	}

	for (int i = 0; i < 4; i++) {
		w[i] = _mm256_permute2x128_si256(r[i], r[i + 4], 0x20);
		w[i + 4] = _mm256_permute2x128_si256(r[i], r[i + 4], 0x31);
	}
}

void md5_kernel_avx2(
	uint32_t state[4][MD5_MAX_LANES], const unsigned char *const data[], size_t blocks)
{
	const __m256i ones = _mm256_set1_epi32(-1);
	__m256i a = _mm256_loadu_si256((const __m256i *)(const void *)state[0]);
	__m256i b = _mm256_loadu_si256((const __m256i *)(const void *)state[1]);
	__m256i c = _mm256_loadu_si256((const __m256i *)(const void *)state[2]);
	__m256i d = _mm256_loadu_si256((const __m256i *)(const void *)state[3]);
	for (size_t at = 0; at < blocks * 64; at += 64) {
		__m256i w[16], a0 = a, b0 = b, c0 = c, d0 = d;
		transpose(w, data, at);
		transpose(w + 8, data, at + 32);
		MD5_STEPS(STEP)
		a = _mm256_add_epi32(a, a0);
		b = _mm256_add_epi32(b, b0);
		c = _mm256_add_epi32(c, c0);
		d = _mm256_add_epi32(d, d0);
	}
	_mm256_storeu_si256((__m256i *)(void *)state[0], a);
	_mm256_storeu_si256((__m256i *)(void *)state[1], b);
	_mm256_storeu_si256((__m256i *)(void *)state[2], c);
	_mm256_storeu_si256((__m256i *)(void *)state[3], d);
}
