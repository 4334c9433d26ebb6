/* The output of `list`, `list-url` and `du`: names, a tree, sizes, hashes. */
#ifndef CMD_LIST_PRINT_H
#define CMD_LIST_PRINT_H

#include "ops/list.h"

struct list_columns {
	bool tree, size, hash;
};

void list_print(const struct list_entries *all, const struct list_columns *columns);

/* Append a size in bytes as DVC shows it: three digits and a letter (a power of 1024). */
void list_add_size(struct buf *out, int64_t size_bytes);

#endif
