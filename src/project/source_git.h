/* A source (project/source.h) that reads from a Git revision. */
#ifndef PROJECT_SOURCE_GIT_H
#define PROJECT_SOURCE_GIT_H

#include "project/source.h"
#include "scm/scm.h"

struct source_git {
	struct source
		source;  /* for callers; its ctx is this struct, which therefore must not move */
	struct scm *scm; /* borrowed */
	struct scm_id commit;
	char *prefix; /* the DVC root relative to the top of the work tree; "" when they are the
			 same */
};

/* Read `commit` as a repository whose root is `dvc_root`, an absolute directory of scm's work tree.
 * Nothing is read yet. Owns: the caller releases it; `scm` must outlive it. */
void source_git_init(
	struct source_git *s, struct scm *scm, const struct scm_id *commit, const char *dvc_root);
void source_git_release(struct source_git *s);

#endif
