/*
 * MD5, which names every object of the cache. Use struct md5 for one stream of bytes in order,
 * md5_many() for many independent inputs: these are hashed side by side in the lanes of the vector
 * unit (16 with AVX-512, 8 with AVX2, chosen at run time, or with NEON), four to eight times as
 * fast per core as one after another.
 *
 * cairn has its own code so that short commands do not load libcrypto, and because a FIPS build of
 * libcrypto refuses MD5. The hash identifies content; it does not protect against forgery.
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
 * One input of md5_many(): `len` bytes at `data`. An input in several parts sets `more`: it is
 * called when a part is used up. It either points `data` and `len` at the next part and returns
 * true, or returns false at the end. Every part but the last must be a whole number of blocks
 * (MD5_BLOCK).
 */
struct md5_job {
	const void *data;
	size_t len;
	bool (*more)(struct md5_job *job);
	void *ctx;                       /* for `more` */
	unsigned char digest[MD5_BYTES]; /* out */
};

/* Hash all jobs; when a lane has finished its job, it takes the next one. `more` is called on this
 * thread, in no particular order. */
void md5_many(struct md5_job *jobs, size_t count);
/* Number of inputs that are hashed side by side on this machine: 1, 8 or 16. A batch of several
 * times that number keeps the lanes busy. */
size_t md5_lanes(void);

/* One kernel (1, 8 or 16 lanes), for tests. False when this machine cannot run it. */
bool md5_many_with(size_t lanes, struct md5_job *jobs, size_t count);

#endif
