/*
 * Checks whether objects have the content that their names say. Every object is read and hashed,
 * many at once. Nothing is changed or removed (unlike cache_has(), which removes a corrupt
 * object). An interrupted run leaves a journal of what it has verified, with which the next run
 * can continue.
 */
#ifndef STORE_VERIFY_H
#define STORE_VERIFY_H

#include "store/cache.h"
#include "store/tree.h"

enum verify_state {
	VERIFY_PENDING,
	VERIFY_SOUND,
	VERIFY_MISSING,
	VERIFY_CORRUPT,    /* the hash of the content differs from the name */
	VERIFY_UNREADABLE, /* cannot be opened or read, or is not a regular file */
};

struct verify_item {
	struct oid oid;
	uint8_t state;       /* enum verify_state; VERIFY_PENDING at the start */
	bool remembered;     /* sound according to the journal, not read again */
	uint32_t owner;      /* free for the caller */
	uint64_t size_bytes; /* size of the file that is there */
};

struct verify_journal;

/*
 * Open the journal at `path`, and create it if needed. With `resume` its content is used unless it
 * is older than a week. `*out` is NULL when another process uses the journal; then the run cannot
 * be resumed. Fails: ERR_IO.
 */
int verify_journal_open(
	struct verify_journal **out, const char *path, bool resume, struct err *err);
/* Close the journal; with `done` the file is removed. NULL is allowed. */
void verify_journal_close(struct verify_journal *j, bool done);

struct verify_opts {
	struct verify_journal *journal; /* NULL: none */
	int jobs;                       /* threads; 0: one for each processor */
};

/* Set the `state` of each item. A corrupt or missing object is a result, not a failure. */
int verify_objects(const struct cache *c, struct verify_item *items, size_t count,
	const struct verify_opts *opts, struct err *err);

/*
 * Do the objects of a directory's files (for a file: of its one entry "") add up to the recorded
 * size? This costs one stat(2) each. Only if the sum differs are the objects hashed, because the
 * pointer may be wrong as well; those whose content does not match their name are added to
 * `out_damaged`. Entries whose size `known` (may be NULL) returns are not looked at. If an object
 * is absent, the sum proves nothing and the call does nothing.
 */
struct verify_sizes {
	const struct tree *tree;
	uint64_t total_bytes; /* as recorded in the pointer */
	bool (*known)(const void *ctx, size_t entry, uint64_t *out_bytes);
	const void *ctx;
};
int verify_sizes(const struct cache *c, const struct verify_sizes *what,
	struct oid_list *out_damaged, struct err *err);
/* The same for a single object. */
int verify_size(const struct cache *c, const struct oid *o, uint64_t size_bytes, bool *out_damaged,
	struct err *err);

/* Move an object to "<cache>/corrupt/", where no tool looks for objects. `*out_path` is its new
 * path, a heap string. Fails: ERR_NOT_FOUND, ERR_IO, ERR_EXISTS (too many copies are there). */
int verify_set_aside(const struct cache *c, const struct oid *o, char **out_path, struct err *err);

#endif
