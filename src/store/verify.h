/*
 * Whether objects are what their names say: every one is read and hashed, many at once, and nothing
 * is changed or removed (cache_has() and its kin remove what they find corrupt). A run that is
 * interrupted leaves a journal of what it has verified, from which the next goes on.
 */
#ifndef STORE_VERIFY_H
#define STORE_VERIFY_H

#include "store/cache.h"
#include "store/tree.h"

enum verify_state {
	VERIFY_PENDING,
	VERIFY_SOUND,
	VERIFY_MISSING,
	VERIFY_CORRUPT,    /* the bytes have another name */
	VERIFY_UNREADABLE, /* the system refused, or it is no file */
};

struct verify_item {
	struct oid oid;
	uint8_t state;       /* enum verify_state; PENDING before */
	bool remembered;     /* sound by the journal, and not read again */
	uint32_t owner;      /* the caller's */
	uint64_t size_bytes; /* of what is there */
};

struct verify_journal;

/*
 * The journal at `path`, which is made if need be. With `resume` what it has counts, unless it is
 * older than a week. NULL in *out when somebody else is at it: then a run cannot be resumed. Fails:
 * ERR_IO.
 */
int verify_journal_open(
	struct verify_journal **out, const char *path, bool resume, struct err *err);
/* Close it; the file goes when the run is `done`. NULL is fine. */
void verify_journal_close(struct verify_journal *j, bool done);

struct verify_opts {
	struct verify_journal *journal; /* or NULL */
	int jobs;                       /* threads; 0: one a processor */
};

/* Set `state` of each item. What is wrong with an object is no failure. */
int verify_objects(const struct cache *c, struct verify_item *items, size_t count,
	const struct verify_opts *opts, struct err *err);

/*
 * Do the objects of a directory's files (of a file: of its one entry "") have the size that is
 * recorded of it? One stat(2) each. Only when they do not are they hashed, since a pointer may be
 * wrong as well: those whose bytes have another name are added to `out_damaged`. Entries for which
 * `known` (may be NULL) has a size are not looked at. While an object is absent nothing can be
 * told.
 */
struct verify_sizes {
	const struct tree *tree;
	uint64_t total_bytes; /* as recorded */
	bool (*known)(const void *ctx, size_t entry, uint64_t *out_bytes);
	const void *ctx;
};
int verify_sizes(const struct cache *c, const struct verify_sizes *what,
	struct oid_list *out_damaged, struct err *err);
/* The same for one object. */
int verify_size(const struct cache *c, const struct oid *o, uint64_t size_bytes, bool *out_damaged,
	struct err *err);

/*
 * Move an object out of the way, to "<cache>/corrupt/", where no tool looks for objects. *out_path:
 * where it is now; heap string. Fails: ERR_NOT_FOUND, ERR_IO.
 */
int verify_set_aside(const struct cache *c, const struct oid *o, char **out_path, struct err *err);

#endif
