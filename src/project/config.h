/*
 * DVC's configuration: four levels of INI files, merged key by key and checked against one table
 * of keys.
 *
 * In memory every level is a map of maps. "remote", "machine" and "db" hold one map for each name;
 * every other section holds its keys. A file of another shape is refused when it is read. Relative
 * paths (remote urls without a scheme, cache.dir, key files) are absolute in memory and stored
 * relative to the directory of their file. cairn has no keys of its own here, because DVC refuses
 * keys that it does not know.
 */
#ifndef PROJECT_CONFIG_H
#define PROJECT_CONFIG_H

#include "base/err.h"
#include "text/value.h"

enum config_level { CONFIG_SYSTEM, CONFIG_GLOBAL, CONFIG_REPO, CONFIG_LOCAL, CONFIG_LEVELS };

struct config {
	struct arena arena;
	char *files[CONFIG_LEVELS]; /* NULL: the repository's levels, outside of a repository */
	struct value *levels[CONFIG_LEVELS]; /* never NULL after config_load() */
	struct value *merged;
};

#define CONFIG_INIT ((struct config){0})

/* Read all levels; `dvc_dir` is NULL outside of a repository. Fails: ERR_CONFIG (exit status 251),
 * ERR_IO. */
int config_load(struct config *c, const char *dvc_dir, bool validate, struct err *err);
/* The same for a repository at another revision: `text` is the content of its config file there,
 * and there is no local level. `dvc_dir` need not exist. */
struct buf;
int config_load_text(
	struct config *c, const char *dvc_dir, const struct buf *text, struct err *err);
/* After config_load() failed with `err`: the file that has the same mistake by itself. NULL: none.
 */
const char *config_file_at_fault(const struct config *c, const struct err *err);
void config_release(struct config *c);

/* Merge a map (in the shape of a level) over what was loaded; in memory only. */
void config_overlay(struct config *c, const struct value *map);
/* Read a file as such a map, which lives in `c`. Relative paths in it are relative to the working
 * directory. Fails: ERR_NOT_FOUND, ERR_CONFIG, ERR_IO. */
int config_read_file(struct config *c, const char *path, struct value **out, struct err *err);

/* Merged values; borrowed, NULL when unset. `section` is one without names ("core",
 * "cache", ...). */
const struct value *config_value(const struct config *c, const char *section, const char *key);
const char *config_str(const struct config *c, const char *section, const char *key);
bool config_bool(const struct config *c, const char *section, const char *key, bool fallback);
int config_int(const struct config *c, const char *section, const char *key, int fallback);
/* The words of a comma-separated string or of a list ("reflink,copy"). */
struct strlist;
void config_words(
	const struct config *c, const char *section, const char *key, struct strlist *out);
/* The map of a remote's keys, including "url", or NULL. */
const struct value *config_remote(const struct config *c, const char *name);

/*
 * Change one level in memory. `section` is e.g. "core" with `name` NULL, or "remote" or "db" with
 * a name. `value` NULL removes the key. A relative path is taken relative to the working
 * directory. config_save() writes the level.
 */
void config_set(struct config *c, enum config_level level, const char *section, const char *name,
	const char *key, const char *value);
void config_remove_named(
	struct config *c, enum config_level level, const char *section, const char *name);
/*
 * Check the merge of all levels up to this one, write the level's file, then read and check
 * everything again. As in DVC, an error of the second check leaves the file written. Fails:
 * ERR_CONFIG, ERR_IO.
 */
int config_save(struct config *c, enum config_level level, struct err *err);
/*
 * The two halves of config_save(), for a change of several levels. config_check() checks the merge
 * of all levels up to this one, as they are in memory. config_write() writes the level's file,
 * which must have a name, without a check.
 */
int config_check(struct config *c, enum config_level level, struct err *err);
int config_write(struct config *c, enum config_level level, struct err *err);

/* The word for a level: "system", "global", "repo", "local". */
const char *config_level_name(enum config_level level);
/* The merge of all levels below `level`; CONFIG_LEVELS: of all. */
struct value *config_merged_to(struct config *c, enum config_level level);

#endif
