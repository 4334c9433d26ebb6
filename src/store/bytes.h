/* Hashing and copying of open files. Copies use the cheapest way that the file system has: clone,
 * copy_file_range(2), read and write. Bytes are counted in `ctx` as work of the kind `meter`. */
#ifndef STORE_BYTES_H
#define STORE_BYTES_H

#include "base/meter.h"
#include "store/oid.h"

/* Hash an open file from its current position to its end; `name` is for messages. Fails: ERR_IO. */
int hash_fd(const struct ctx *ctx, enum meter_kind meter, int fd, enum hash_name hash,
	unsigned char out_digest[MD5_BYTES], const char *name, struct err *err);

/*
 * Copy `size_bytes` bytes from one open file to another, from the current position of both.
 * `*out_cloned` says whether the two now share their blocks. Content beyond `size_bytes`, written
 * meanwhile, may or may not be copied; the caller compares the file's facts before and after.
 * Fails: ERR_IO.
 */
int copy_bytes(const struct ctx *ctx, enum meter_kind meter, int from_fd, int to_fd,
	uint64_t size_bytes, bool *out_cloned, struct err *err);

#endif
