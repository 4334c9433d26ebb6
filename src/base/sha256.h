/* SHA-256 (FIPS 180-4), for the keys of the run-cache and the names of experiments. Uses the SHA
 * instructions of the processor if it has them. */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include "base/base.h"

enum { SHA256_BYTES = 32, SHA256_HEX = 64, SHA256_BLOCK = 64 };

struct sha256 {
	uint32_t state[8];
	uint64_t len_bytes;
	unsigned char block[SHA256_BLOCK]; /* the bytes that do not yet make a whole block */
	bool portable;                     /* never use the SHA instructions (tests) */
};

void sha256_init(struct sha256 *s);
void sha256_update(struct sha256 *s, const void *p, size_t len);
void sha256_final(struct sha256 *s, unsigned char out_digest[SHA256_BYTES]);
void sha256_hex(
	const void *p, size_t len, char out_hex[SHA256_HEX + 1]); /* lower case, NUL-ended */

/* The kernel in sha256_ni.c, and the table that both kernels use; it is aligned to 16 bytes for the
 * vector loads. */
extern const uint32_t sha256_round_constants[64]; /* sha256_table.c */
void sha256_blocks_ni(uint32_t state[8], const unsigned char *p, size_t blocks);

#endif
