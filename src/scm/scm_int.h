/* Shared by the files of scm/: the open repository and conversions of ids. */
#ifndef SCM_SCM_INT_H
#define SCM_SCM_INT_H

#include "scm/lib.h"
#include "scm/scm.h"

struct scm {
	const struct scm_lib *lib;
	git_repository *repo;
	char *root, *git_dir;
	struct odb_kept *kept; /* trees that were read lately (odb.c); NULL: none yet */
};

static inline void scm_id_from(const struct scm *scm, const git_oid *oid, struct scm_id *out)
{
	scm->lib->oid_tostr(out->hex, sizeof(out->hex), oid);
}

/* False when the text is not a full id. */
static inline bool scm_id_to(const struct scm *scm, const struct scm_id *id, git_oid *out)
{
	return scm->lib->oid_fromstr(out, id->hex) == 0;
}

/* The identity of the "AUTHOR" or "COMMITTER" at the current time: from the environment, else the
 * configuration, else the system's user and host, as DVC's library does. The caller frees it. */
int scm_signature(struct scm *scm, const char *role, git_signature **out, struct err *err);

#endif
