/*
 * The values that ${...} in a dvc.yaml can refer to: params.yaml, the files and mappings of
 * `vars`, and for a single stage its own `vars` and the item of its group. Every leaf may be set
 * only once; a second value is an error that names both places.
 */
#ifndef PROJECT_CONTEXT_H
#define PROJECT_CONTEXT_H

#include "base/err.h"
#include "base/map.h"
#include "base/strlist.h"
#include "base/vec.h"
#include "project/source.h"
#include "text/value.h"

/* A directory: as the source knows it, relative to the source's root, and as messages show it. */
struct context_dir {
	const char *path, *shown;
};

struct context_import { /* a file that was loaded */
	const char *path;
	struct strlist keys; /* keys that were asked for; none: the whole file */
};

struct context {
	struct arena *arena; /* owns values, paths and sources */
	const struct source *source;
	struct strlist *files; /* receives the paths of the files that are loaded */
	struct value *values;
	/* for a stage of a group: the map of item and key, which hide `values`; or NULL */
	const struct value *member;
	struct map origins; /* dotted path -> where the value came from, for messages */
	VEC(struct context_import) imports;
	const struct value *cloned; /* the values with which a clone began, or NULL */
	bool has_item, has_key;     /* `item` or `key` is set by a group, so vars may not set it */
};

/* Make an empty context. The arguments must outlive it. */
void context_init(
	struct context *c, struct arena *a, const struct source *source, struct strlist *files);
/* Make a context that can be added to without changing `from`; the `member` of `from` is among its
 * values. The caller releases it. */
void context_clone(struct context *c, const struct context *from);
/*
 * Make the context for one stage of a group: `from` with `item`, and with `key` unless it is NULL;
 * these hide other values of the same names. Everything else is borrowed from `from`. It is not
 * released, and only a clone of it can be added to. Fails: ERR_VALUE for an item that an
 * expression cannot hold (a date).
 */
int context_of_member(struct context *c, const struct context *from, const struct value *item,
	const char *key, size_t key_len, struct err *err);
void context_release(struct context *c);

/*
 * Add "file" or "file:key1,key2"; the path is relative to `dir`. A file may be loaded again as
 * long as no key comes twice. Fails: ERR_EXISTS (a value exists already), ERR_LOCKED (the file is
 * loaded already), ERR_FAIL, ERR_NOT_FOUND; or with the error of reading the file.
 */
int context_add_file(struct context *c, const char *item, struct context_dir dir, struct err *err);
/* Add the items of a `vars` list. `stage` is the name of the stage for messages, "" for the top
 * level of the file. */
int context_add_vars(struct context *c, const struct value *vars, struct context_dir dir,
	const char *stage, struct err *err);

#endif
