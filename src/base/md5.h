/*
 * MD5, the name of every object of the cache. One stream (struct md5) for bytes that arrive in
 * order; md5_many() for many independent inputs, which are hashed side by side in the lanes of the
 * vector unit (16 with AVX-512, 8 with AVX2, chosen at run time) and so go four to eight times
 * faster a core than one after another.
 *
 * Our own code, so that short commands do not load libcrypto and a FIPS build of it cannot refuse
 * MD5. It names content; it is no protection against a forger.
 */
#ifndef BASE_MD5_H
#define BASE_MD5_H

#include "base/base.h"

enum { MD5_BYTES = 16, MD5_HEX = 32, MD5_BLOCK = 64 };

struct md5 {
	uint32_t state[4];
	uint64_t len_bytes;
	unsigned char block[MD5_BLOCK]; /* the bytes that do not yet make a whole block */
};

void md5_init(struct md5 *m);
void md5_update(struct md5 *m, const void *p, size_t len);
void md5_final(struct md5 *m, unsigned char out_digest[MD5_BYTES]);
void md5_of(const void *p, size_t len, unsigned char out_digest[MD5_BYTES]);
void md5_to_hex(const unsigned char digest[MD5_BYTES],
	char out_hex[MD5_HEX + 1]); /* lower case, NUL-ended */

/*
 * One input of md5_many(): `len` bytes at `data`. An input that comes in parts sets `more`: it is
 * called when the part is used up and either points `data` and `len` at the next part and returns
 * true, or returns false at the end. Each part but the last is a whole number of blocks
 * (MD5_BLOCK).
 */
struct md5_job {
	const void *data;
	size_t len;
	bool (*more)(struct md5_job *job);
	void *ctx;                       /* of `more` */
	unsigned char digest[MD5_BYTES]; /* out */
};

/* Hash all jobs; a lane that is done takes the next job. `more` is called on this thread, in no
 * particular order. */
void md5_many(struct md5_job *jobs, size_t count);
/* How many inputs are hashed side by side here: 1, 8 or 16. Batches of several times as many keep
 * the lanes full. */
size_t md5_lanes(void);

/* The kernels one by one, for tests: 1, 8 or 16 lanes. False when this machine cannot run it. */
bool md5_many_with(size_t lanes, struct md5_job *jobs, size_t count);

#endif
