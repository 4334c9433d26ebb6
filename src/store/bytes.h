/* The bytes of open files: hashed, and copied in the cheapest way that the file system has. They
 * are counted in `ctx` as work of the kind `meter`. */
#ifndef STORE_BYTES_H
#define STORE_BYTES_H

#include "base/meter.h"
#include "store/oid.h"

/* Hash an open file from its current position to its end; `name` is for messages. Fails: ERR_IO. */
int hash_fd(const struct ctx *ctx, enum meter_kind meter, int fd, enum hash_name hash,
	unsigned char out_digest[MD5_BYTES], const char *name, struct err *err);

/*
 * Copy what one open file holds into another, both from their positions on: cloned, else by
 * copy_file_range(2), else read and written. `size_bytes` is how much is expected. Fails: ERR_IO.
 */
int copy_bytes(const struct ctx *ctx, enum meter_kind meter, int from_fd, int to_fd,
	uint64_t size_bytes, bool *out_cloned, struct err *err);

#endif
