/* Hashing of one stream, with the portable kernel and the choice between both. */
#include "base/sha256.h"

#include "base/processor.h"

static inline uint32_t load32_big(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
}

static inline void store32_big(unsigned char *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (unsigned char)(v >> (24 - 8 * i));
}

static inline uint32_t ror(uint32_t x, int n)
{
	return (x >> n) | (x << (32 - n));
}

static void run_block(uint32_t state[8], const unsigned char *p)
{
	uint32_t w[64], v[8];
	for (int i = 0; i < 16; i++)
		w[i] = load32_big(p + 4 * i);
	for (int i = 16; i < 64; i++) {
		uint32_t s0 = ror(w[i - 15], 7) ^ ror(w[i - 15], 18) ^ (w[i - 15] >> 3);
		uint32_t s1 = ror(w[i - 2], 17) ^ ror(w[i - 2], 19) ^ (w[i - 2] >> 10);
		w[i] = w[i - 16] + s0 + w[i - 7] + s1;
	}

	memcpy(v, state, sizeof(v));

	for (int i = 0; i < 64; i++) {
		uint32_t s1 = ror(v[4], 6) ^ ror(v[4], 11) ^ ror(v[4], 25);
		uint32_t choose = (v[4] & v[5]) ^ (~v[4] & v[6]);
		uint32_t t1 = v[7] + s1 + choose + sha256_round_constants[i] + w[i];
		uint32_t s0 = ror(v[0], 2) ^ ror(v[0], 13) ^ ror(v[0], 22);
		uint32_t majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
		memmove(v + 1, v, 7 * sizeof(v[0])); /* h..b take the values of g..a */
		v[4] += t1;
		v[0] = t1 + s0 + majority;
	}

	for (int i = 0; i < 8; i++)
		state[i] += v[i];
}

static void run_blocks(struct sha256 *s, const unsigned char *p, size_t blocks)
{
#ifdef HAVE_X86_KERNELS
	if (!s->portable && (processor_features() & PROCESSOR_SHA)) {
		sha256_blocks_ni(s->state, p, blocks);
		return;
	}
#endif
	for (; blocks; blocks--, p += SHA256_BLOCK)
		run_block(s->state, p);
}

void sha256_init(struct sha256 *s)
{
	static const uint32_t initial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
		0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
	memcpy(s->state, initial, sizeof(initial));
	s->len_bytes = 0;
	s->portable = false;
}

void sha256_update(struct sha256 *s, const void *data, size_t len)
{
	const unsigned char *p = data;
	size_t held = s->len_bytes % SHA256_BLOCK;
	if (len == 0)
		return;
	s->len_bytes += len;

	if (held) {
		size_t take = MIN(len, SHA256_BLOCK - held);
		memcpy(s->block + held, p, take);
		p += take;
		len -= take;
		if (held + take < SHA256_BLOCK)
			return;
		run_blocks(s, s->block, 1);
	}
	run_blocks(s, p, len / SHA256_BLOCK);
	memcpy(s->block, p + len / SHA256_BLOCK * SHA256_BLOCK, len % SHA256_BLOCK);
}

void sha256_final(struct sha256 *s, unsigned char out_digest[SHA256_BYTES])
{
	unsigned char tail[2 * SHA256_BLOCK] = {0};
	size_t held = s->len_bytes % SHA256_BLOCK;
	size_t total = held + 9 <= SHA256_BLOCK ? SHA256_BLOCK : 2 * SHA256_BLOCK;

	memcpy(tail, s->block, held);
	tail[held] = 0x80;
	/* the length in bits, as a 64-bit big-endian number */
	store32_big(tail + total - 8, (uint32_t)(s->len_bytes >> 29));
	store32_big(tail + total - 4, (uint32_t)(s->len_bytes << 3));

	run_blocks(s, tail, total / SHA256_BLOCK);
	for (int i = 0; i < 8; i++)
		store32_big(out_digest + 4 * i, s->state[i]);
}

void sha256_hex(const void *p, size_t len, char out_hex[SHA256_HEX + 1])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char digest[SHA256_BYTES];
	struct sha256 s;

	sha256_init(&s);
	sha256_update(&s, p, len);
	sha256_final(&s, digest);
	for (int i = 0; i < SHA256_BYTES; i++) {
		out_hex[2 * i] = digits[digest[i] >> 4];
		out_hex[2 * i + 1] = digits[digest[i] & 15];
	}
	out_hex[SHA256_HEX] = '\0';
}
