/* `import` and `import-url`: bring data from another repository or a plain URL, and track it with a
 * .dvc file that records its source. */
#ifndef OPS_IMPORT_H
#define OPS_IMPORT_H

#include "base/progress.h"
#include "base/strlist.h"
#include "data/external.h"
#include "data/data.h"

enum import_mode {
	IMPORT_DATA,        /* bring the data into the cache and the workspace */
	IMPORT_NO_DOWNLOAD, /* look at the source and record what it has; bring no data */
	IMPORT_NO_EXEC,     /* write only the .dvc file */
};

struct import_opts {
	const char *out; /* destination; NULL: the source's own name in the working directory */
	bool force;      /* replace what is at the destination */
	enum import_mode mode;
	int jobs;
	const struct progress *progress;
};

/* Make the `repo` entry of a .dvc file from the options of the command line; it lives in `a`.
 * `config` may be a path. Fails: ERR_VALUE with DVC's wording (options that exclude each other). */
int import_repo_entry(struct arena *a, const char *url, const char *rev, const char *config,
	const char *remote, const struct value *remote_config, struct value **out, struct err *err);

/* Import `path` of the repository that `entry` (from import_repo_entry()) describes. Fails:
 * ERR_EXISTS, ERR_NO_PATH, as external_open(), as ops_add(). The caller holds the repository
 * lock. */
int ops_import(struct repo *repo, const char *path, const struct value *entry,
	const struct import_opts *opts, struct err *err);

struct import_url_opts {
	struct import_opts how;
	bool to_remote;
	const char *remote; /* with to_remote; NULL: the default remote */
	bool version_aware;
	const struct value *fs_config; /* a map, or NULL */
};
/* Import the file or directory at a plain URL (data/url.h). Fails and locks: as ops_import(). */
int ops_import_url(
	struct repo *repo, const char *url, const struct import_url_opts *opts, struct err *err);

/*
 * Make a new stage for data at `out_path` (a result of get_destination()), after the checks that
 * `add` makes of its targets. With `by_name`, a path outside of the project stands for its last
 * part in the working directory. If the .dvc file exists already, the new stage replaces the old
 * one in the index and keeps what the user wrote about it. *out lives in the index. Nothing is
 * written. Fails: ERR_FAIL with DVC's wording.
 */
int import_new_stage(
	struct repo *repo, const char *out_path, bool by_name, struct stage **out, struct err *err);

#endif
