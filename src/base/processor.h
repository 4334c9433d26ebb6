/* Which vector instructions this processor has and the system lets us use. Any thread; the answer
 * is kept, since in a virtual machine CPUID costs a way to the host and back.
 *
 * The processor is asked directly: __builtin_cpu_supports() says no to everything in programs that
 * zig links. Bits from Intel's manual, volume 2, CPUID and XGETBV. */
#ifndef CAIRN_BASE_PROCESSOR_H
#define CAIRN_BASE_PROCESSOR_H

enum processor_features {
	PROCESSOR_AVX2 = 1 << 0,
	PROCESSOR_AVX512 = 1 << 1, /* F and BW */
	PROCESSOR_SHA = 1 << 2,    /* SHA-256's rounds; SSE4.1 as well */
};

/* A set of the above; empty on what is no x86-64. */
unsigned processor_features(void);

#endif
