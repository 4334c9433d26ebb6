/* Shared by the files of transfer/. */
#ifndef TRANSFER_TRANSFER_INT_H
#define TRANSFER_TRANSFER_INT_H

#include "transfer/crew.h"
#include "transfer/transfer.h"

/* How many threads work at a place. */
struct crew_opts transfer_crew(const struct fs *fs, const struct transfer_opts *opts);

/* Does a failure concern all files of a transfer, so that going on makes no sense? */
bool transfer_is_fatal(int code);

/* Files from this size on are moved in parts. */
uint64_t transfer_part_bytes(
	const struct fs *fs, const struct transfer_opts *opts, uint64_t size_bytes);

/* A large file is on its way: show it. NULL without a name. */
struct meter_item *transfer_show(const struct fs *fs, const struct transfer_opts *opts,
	transfer_name_fn name, void *arg, size_t i, uint64_t size_bytes);

#endif
