/*
 * What ${...} in a dvc.yaml can see: params.yaml, the files and mappings of `vars`, and for one
 * stage its own `vars` and the item of its group. Every leaf is set once; a second value for it is
 * an error that names both places.
 */
#ifndef PROJECT_CONTEXT_H
#define PROJECT_CONTEXT_H

#include "base/err.h"
#include "base/map.h"
#include "base/strlist.h"
#include "base/vec.h"
#include "project/source.h"
#include "text/value.h"

/* A directory as the source knows it, relative to its root, and as messages show it. */
struct context_dir {
	const char *path, *shown;
};

struct context_import { /* a file that was loaded */
	const char *path;
	struct strlist keys; /* the keys asked for; none: the whole file */
};

struct context {
	struct arena *arena; /* values, paths and sources live here */
	const struct source *source;
	struct strlist *files; /* collects the paths of the files loaded */
	struct value *values;
	const struct value *member; /* of a group's stage: item and key, which hide `values`; or
				       NULL */
	struct map origins;         /* dotted path -> where it came from, for messages */
	VEC(struct context_import) imports;
	const struct value *cloned; /* the values that a clone began with, or NULL */
	bool has_item, has_key;     /* `item`, `key` are a group's: vars may not set them */
};

/* An empty one. All that it is given must outlive it. */
void context_init(
	struct context *c, struct arena *a, const struct source *source, struct strlist *files);
/* One that can be added to without changing `from`, with its `member` among the values; the caller
 * releases it. */
void context_clone(struct context *c, const struct context *from);
/*
 * For one stage of a group: `from` with `item`, and `key` unless it is NULL, before what has these
 * names. It borrows all else from `from`, is not released, and not added to but by
 * cloning. Fails: ERR_UNEXPECTED, an item that no expression can hold (a date).
 */
int context_of_member(struct context *c, const struct context *from, const struct value *item,
	const char *key, size_t key_len, struct err *err);
void context_release(struct context *c);

/*
 * Add "file" or "file:key1,key2"; the path is relative to `dir`. Loading a file a second time is
 * fine unless it brings a key twice. Fails: ERR_EXISTS (a value is there already), ERR_LOCKED (the
 * file is loaded already), ERR_FAIL, ERR_NOT_FOUND; what else there is is the file's own error.
 */
int context_add_file(struct context *c, const char *item, struct context_dir dir, struct err *err);
/* Add the items of a `vars`; `stage` is its name for messages, "" at the top of the file. */
int context_add_vars(struct context *c, const struct value *vars, struct context_dir dir,
	const char *stage, struct err *err);

#endif
