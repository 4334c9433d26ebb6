/* The kernel with SHA instructions. A file of its own, as it is compiled with -msha: it must run
 * only when the processor has them. */
#include "base/sha256.h"

#include <immintrin.h>

/* The instructions take the state as (a b e f) and (c d g h), and one does two rounds. Four words
 * of the schedule are computed from the sixteen words before them. */
void sha256_blocks_ni(uint32_t state[8], const unsigned char *p, size_t blocks)
{
	/* big-endian words */
	const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
	__m128i dcba = _mm_loadu_si128((const __m128i *)(const void *)&state[0]);
	__m128i hgfe = _mm_loadu_si128((const __m128i *)(const void *)&state[4]);
	__m128i cdab = _mm_shuffle_epi32(dcba, 0xb1);
	__m128i efgh = _mm_shuffle_epi32(hgfe, 0x1b);
	__m128i abef = _mm_alignr_epi8(cdab, efgh, 8);
	__m128i cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);

	for (; blocks; blocks--, p += SHA256_BLOCK) {
		__m128i w[4], abef0 = abef, cdgh0 = cdgh;
		for (int i = 0; i < 16; i++) {
			__m128i four; /* the next four words of the schedule */
			if (i < 4) {
				four = _mm_shuffle_epi8(
					_mm_loadu_si128(
						(const __m128i *)(const void *)(p + 16 * i)),
					swap);
			} else {
				__m128i older = _mm_sha256msg1_epu32(w[i & 3], w[(i + 1) & 3]);
				older = _mm_add_epi32(
					older, _mm_alignr_epi8(w[(i + 3) & 3], w[(i + 2) & 3], 4));
				four = _mm_sha256msg2_epu32(older, w[(i + 3) & 3]);
			}

			w[i & 3] = four;

			__m128i wk = _mm_add_epi32(
				four, _mm_load_si128((const __m128i *)(const void
						      *)&sha256_round_constants[4 * i]));

			cdgh = _mm_sha256rnds2_epu32(cdgh, abef, wk);
			abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(wk, 0x0e));
		}

		abef = _mm_add_epi32(abef, abef0);
		cdgh = _mm_add_epi32(cdgh, cdgh0);
	}

	__m128i feba = _mm_shuffle_epi32(abef, 0x1b);
	__m128i dchg = _mm_shuffle_epi32(cdgh, 0xb1);
	_mm_storeu_si128((__m128i *)(void *)&state[0], _mm_blend_epi16(feba, dchg, 0xf0));
	_mm_storeu_si128((__m128i *)(void *)&state[4], _mm_alignr_epi8(dchg, feba, 8));
}
