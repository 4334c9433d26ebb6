/* Artifacts: data that dvc.yaml gives a name, and tags give versions and stages. */
#ifndef OPS_ARTIFACTS_H
#define OPS_ARTIFACTS_H

#include "data/external.h"

struct artifact_opts {
	struct external_opts from;
	const char *version; /* "v1.2.3", or NULL */
	const char *stage;   /* or NULL; without either, the highest version counts */
	const char *out;     /* where to; NULL: its name, here */
	bool force;
	int jobs;
};

/*
 * Copy the artifact `name` ("model", "dir:model") of the repository `url` here. *out_path is where
 * it went (heap string), *out_files how many files. Fails: ERR_EXISTS; ERR_FAIL with DVC's wording;
 * as external_open(). *out_tried tells that the registry was asked.
 */
int ops_artifact_get(const char *url, const char *name, const struct artifact_opts *opts,
	char **out_path, size_t *out_files, bool *out_tried, struct err *err);

/* Where its object is stored. Heap string. Fails: ERR_NOT_FOUND, as get_storage_url(). */
int ops_artifact_url(const char *url, const char *name, const struct artifact_opts *opts,
	char **out, struct err *err);

#endif
