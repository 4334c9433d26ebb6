/* The data of a sandbox: its cache and its state. */
#ifndef TESTS_UNIT_DATA_SANDBOX_H
#define TESTS_UNIT_DATA_SANDBOX_H

#include "data/data.h"
#include "sandbox.h"

static inline struct data *sandbox_data(struct sandbox *s)
{
	struct data *d;
	if (repo_data(&s->repo, &d, NULL) < 0)
		abort();
	return d;
}

#define MD5_OF_A "60b725f10c9c85c70d97880dfe8191b3" /* of "a\n" */
#define MD5_OF_B "3b5d5c3712955042212316173ccf37be" /* of "b\n" */
#define MD5_OF_C "2cd6ee2c70b0bde53fbe6cac3c8b8bb1" /* of "c\n" */

/* Put what lies there into the cache; gives its name. */
static inline struct oid sandbox_store(struct sandbox *s, const char *rel)
{
	AUTO(hashed_release) struct hashed h = HASHED_INIT;
	AUTO(mem_freep) char *path = tmpdir_at(&s->tmp, rel);
	if (data_hash(sandbox_data(s), path, HASH_MD5, true, &h, NULL) < 0)
		abort();
	return h.oid;
}

/* Fill a listing from words: "a=1" is a file whose name in the cache is all "1". */
static inline void sandbox_listing(struct tree *t, char *const *words, size_t count)
{
	t->hash = HASH_MD5;
	for (size_t i = 0; i < count; i++) {
		size_t n = strcspn(words[i], "=");
		struct tree_entry *file = tree_add(t, words[i], n);
		memset(file->digest, words[i][n + 1], MD5_BYTES);
		file->hashed = true;
	}
	tree_sort(t);
}

#endif
