/*
 * Imports: data of other repositories and of plain URLs, tracked by a .dvc file that says where it
 * came from.
 */
#ifndef OPS_IMPORT_H
#define OPS_IMPORT_H

#include "base/progress.h"
#include "base/strlist.h"
#include "data/external.h"
#include "data/data.h"

enum import_mode {
	IMPORT_DATA,        /* bring it */
	IMPORT_NO_DOWNLOAD, /* look at the source, record what it has, and bring nothing */
	IMPORT_NO_EXEC,     /* write the .dvc file only */
};

struct import_opts {
	const char *out; /* where to; NULL: its name, here */
	bool force;      /* replace what is there */
	enum import_mode mode;
	int jobs;
	const struct progress *progress;
};

/* `repo` (a map in the shape of a .dvc file's `repo`) with the options of the command line; lives
 * in `a`. `config` may be a path. Fails: ERR_VALUE with DVC's wording. */
int import_repo_entry(struct arena *a, const char *url, const char *rev, const char *config,
	const char *remote, const struct value *remote_config, struct value **out, struct err *err);

/*
 * Import `path` of the repository that `entry` (import_repo_entry()) describes. Fails: ERR_EXISTS,
 * ERR_NO_PATH, as external_open(), as ops_add(). The caller holds the repository
 * lock.
 */
int ops_import(struct repo *repo, const char *path, const struct value *entry,
	const struct import_opts *opts, struct err *err);

struct import_url_opts {
	struct import_opts how;
	bool to_remote;
	const char *remote; /* for to_remote; NULL: the default one */
	bool version_aware;
	const struct value *fs_config; /* a map, or NULL */
};
int ops_import_url(
	struct repo *repo, const char *url, const struct import_url_opts *opts, struct err *err);

/*
 * A new stage for data at `out_path` (as get_destination() gives it; with `by_name` one outside of
 * the project means its last part, here), checked as `add` checks its targets; *out lives in the
 * index. A stage whose file is there already gives its annotations.
 */
int import_new_stage(
	struct repo *repo, const char *out_path, bool by_name, struct stage **out, struct err *err);

#endif
