/*
 * Where the files of a configuration come from: the directory of the configuration, further ones
 * of hydra.searchpath, and the groups that Hydra itself brings. The first place that has a file or
 * a group wins, as in Hydra.
 *
 * All reading goes through the functions of struct hydra_files, so that composition can run on
 * files in memory. Files are read once. Not to be shared between threads.
 */
#ifndef HYDRA_SOURCE_H
#define HYDRA_SOURCE_H

#include "base/err.h"
#include "base/map.h"
#include "base/strlist.h"
#include "base/vec.h"
#include "hydra/node.h"

struct hydra_files {
	/* Paths are absolute and normalized. Names of `list` are sorted. */
	bool (*is_dir)(void *ctx, const char *path);
	bool (*is_file)(void *ctx, const char *path);
	int (*list)(void *ctx, const char *path, struct strlist *out_names, struct err *err);
	int (*read)(void *ctx, const char *path, struct buf *out, struct err *err);
	void *ctx;
};
extern const struct hydra_files hydra_disk; /* real files; `ctx` is NULL */

/* One configuration file as it was read. */
struct hydra_config {
	struct node *root;     /* without the defaults list */
	struct node *defaults; /* the list, NULL: none */
	const char *package;   /* of the "# @package" header, NULL: none */
	bool builtin;          /* one of Hydra's own, without content */
};

struct hydra_place {    /* a directory with configuration files */
	char *provider; /* main, hydra.searchpath in main, ... as shown in errors */
	char *dir;
	char *shown; /* path as shown in errors */
};

struct hydra_source {
	struct arena *arena;
	const struct hydra_files *files;
	VEC(struct hydra_place) places;
	struct map loaded; /* path -> struct hydra_config */
	size_t bytes;      /* read so far */
};

/* `dir` is the directory of the configuration, absolute and normalized. `shown` is how errors name
 * it. */
void hydra_source_init(struct hydra_source *s, struct arena *a, const struct hydra_files *files,
	const char *dir, const char *shown);
void hydra_source_release(struct hydra_source *s);
void hydra_source_add(
	struct hydra_source *s, const char *provider, const char *dir, const char *shown);

bool hydra_source_has_group(const struct hydra_source *s, const char *path);
bool hydra_source_has_config(const struct hydra_source *s, const char *path);
/* The names of the configurations in a group, sorted. */
void hydra_source_options(const struct hydra_source *s, const char *group, struct strlist *out);
/*
 * Load "db/mysql". NULL when there is no such file. Fails: ERR_VALUE for malformed text and for a
 * path that leads out of the directory.
 */
int hydra_source_load(
	struct hydra_source *s, const char *path, const struct hydra_config **out, struct err *err);
/* Append the places as Hydra lists them in errors, one indented line each. */
void hydra_source_describe(const struct hydra_source *s, struct buf *out);

#endif
