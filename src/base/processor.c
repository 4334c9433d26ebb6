/* What CPUID and XGETBV say, asked once. */
#include "base/processor.h"

#ifdef HAVE_X86_KERNELS
#include <cpuid.h>
#include <stdatomic.h>

static unsigned ask(void)
{
	const unsigned sse41 = 1u << 19, osxsave = 1u << 27; /* of ECX */
	const unsigned avx2 = 1u << 5, avx512f = 1u << 16, sha = 1u << 29,
		       avx512bw = 1u << 30;               /* of EBX */
	const unsigned ymm_state = 0x6, zmm_state = 0xe6; /* registers that the system saves */
	unsigned a, b, c, d, of_first, saved = 0, high, found = 0;
	if (!__get_cpuid(1, &a, &b, &of_first, &d) || !__get_cpuid_count(7, 0, &a, &b, &c, &d))
		return 0;
	if (of_first & osxsave)
		__asm__("xgetbv" : "=a"(saved), "=d"(high) : "c"(0));
	if ((saved & ymm_state) == ymm_state && (b & avx2))
		found |= PROCESSOR_AVX2;
	if ((saved & zmm_state) == zmm_state && (b & avx512f) && (b & avx512bw))
		found |= PROCESSOR_AVX512;
	if ((of_first & sse41) && (b & sha))
		found |= PROCESSOR_SHA;
	return found;
}

unsigned processor_features(void)
{
	static atomic_uint answer; /* 0: not asked yet; racing threads find the same */
	const unsigned asked = 1u << 31;
	unsigned known = atomic_load_explicit(&answer, memory_order_relaxed);
	if (!known) {
		known = asked | ask();
		atomic_store_explicit(&answer, known, memory_order_relaxed);
	}
	return known & ~asked;
}
#else
unsigned processor_features(void)
{
	return 0;
}
#endif
