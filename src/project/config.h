/*
 * DVC's configuration: four levels of INI files, merged key by key, checked against one table of
 * keys.
 *
 * In memory every level is a map of maps: "remote", "machine" and "db" hold one map a name, each
 * other section holds its keys. A file of another shape is refused when it is read. Relative paths
 * (remote urls without scheme, cache.dir, key files) are absolute here and stored relative to the
 * file's own directory. cairn's own settings never go here: DVC refuses keys that it does not know.
 */
#ifndef PROJECT_CONFIG_H
#define PROJECT_CONFIG_H

#include "base/err.h"
#include "text/value.h"

enum config_level { CONFIG_SYSTEM, CONFIG_GLOBAL, CONFIG_REPO, CONFIG_LOCAL, CONFIG_LEVELS };

struct config {
	struct arena arena;
	char *files[CONFIG_LEVELS];          /* NULL for the repository's levels outside of one */
	struct value *levels[CONFIG_LEVELS]; /* never NULL after config_load */
	struct value *merged;
};

#define CONFIG_INIT ((struct config){0})

/* Read all levels; `dvc_dir` may be NULL (outside a repository). Fails: ERR_CONFIG (status 251),
 * ERR_IO. */
int config_load(struct config *c, const char *dvc_dir, bool validate, struct err *err);
/*
 * The same for a repository that is seen at another revision: what its own file says is given, and
 * there is no local level. `dvc_dir` need not exist.
 */
struct buf;
int config_load_text(
	struct config *c, const char *dvc_dir, const struct buf *text, struct err *err);
void config_release(struct config *c);

/* Put the keys of a map (in the shape of a level) over what was loaded; in memory only. */
void config_overlay(struct config *c, const struct value *map);
/* Read a file as such a map, which lives in `c`; relative paths in it are taken from the working
 * directory. Fails: ERR_NOT_FOUND, ERR_CONFIG, ERR_IO. */
int config_read_file(struct config *c, const char *path, struct value **out, struct err *err);

/* Merged values; borrowed. NULL when unset. `section` may be "core", "cache", ...; not for named
 * sections. */
const struct value *config_value(const struct config *c, const char *section, const char *key);
const char *config_str(const struct config *c, const char *section, const char *key);
bool config_bool(const struct config *c, const char *section, const char *key, bool fallback);
int config_int(const struct config *c, const char *section, const char *key, int fallback);
/* A comma list or a list ("reflink,copy") as strings. */
struct strlist;
void config_words(
	const struct config *c, const char *section, const char *key, struct strlist *out);
/* The map of a remote's keys ("url" among them), or NULL. */
const struct value *config_remote(const struct config *c, const char *name);

/*
 * Change one level in memory: section "core" with name NULL, or "remote"/"db" with a name. value
 * NULL removes the key. Path keys given relative are taken relative to the working directory. Then
 * config_save() writes that level.
 */
void config_set(struct config *c, enum config_level level, const char *section, const char *name,
	const char *key, const char *value);
void config_remove_named(
	struct config *c, enum config_level level, const char *section, const char *name);
/*
 * Check the merge of all levels up to this one, write its file, read everything again and check
 * once more: an error of the second check leaves the file written, as DVC does. Fails: ERR_CONFIG,
 * ERR_IO.
 */
int config_save(struct config *c, enum config_level level, struct err *err);
/*
 * The two halves of it, for a change of several levels: check the merge of all levels up to this
 * one as they are in memory; write this level's file, which must have a name, without a check.
 */
int config_check(struct config *c, enum config_level level, struct err *err);
int config_write(struct config *c, enum config_level level, struct err *err);

/* "DVC_ROOT/.dvc/config" etc. as a word: "system", "global", "repo", "local". */
const char *config_level_name(enum config_level level);
/* What merging gives up to (not including) `level`; CONFIG_LEVELS: everything. */
struct value *config_merged_to(struct config *c, enum config_level level);

#endif
