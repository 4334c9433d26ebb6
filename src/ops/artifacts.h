/* Artifacts of a model registry: data that dvc.yaml gives a name, and that Git tags give versions
 * and stages. */
#ifndef OPS_ARTIFACTS_H
#define OPS_ARTIFACTS_H

#include "data/external.h"

struct artifact_opts {
	struct external_opts from;
	const char *version; /* "v1.2.3", or NULL */
	/* or NULL; with neither version nor stage, the highest version is taken */
	const char *stage;
	/* destination; NULL: the artifact's own name in the working directory */
	const char *out;
	bool force;
	int jobs;
};

/*
 * Copy the artifact `name` ("model", "dir:model") of the repository `url` into the working
 * directory. *out_path is its destination (heap string), *out_files the number of files. *out_tried
 * is set when it fails after the repository was opened; DVC prints a second message then. Fails:
 * ERR_EXISTS; ERR_FAIL with DVC's wording; as external_open().
 */
int ops_artifact_get(const char *url, const char *name, const struct artifact_opts *opts,
	char **out_path, size_t *out_files, bool *out_tried, struct err *err);

/* The commit of the artifact's tag, and its path there relative to the root of the Git repository.
 * Heap strings. Fails: ERR_FAIL, ERR_NOT_FOUND with DVC's wording; as external_open(). */
int ops_artifact_show(const char *url, const char *name, const struct artifact_opts *opts,
	char **out_rev, char **out_path, struct err *err);

/* The URL or path where the artifact's object is stored. Heap string. Fails: ERR_NOT_FOUND, as
 * get_storage_url(). */
int ops_artifact_url(const char *url, const char *name, const struct artifact_opts *opts,
	char **out, struct err *err);

#endif
