/*
 * A source (project/source.h) that reads from a Git revision.
 */
#ifndef PROJECT_SOURCE_GIT_H
#define PROJECT_SOURCE_GIT_H

#include "project/source.h"
#include "scm/scm.h"

struct source_git {
	struct source
		source; /* give this to others; its ctx is the struct itself, so it must not move */
	struct scm *scm; /* borrowed */
	struct scm_id commit;
	char *prefix; /* root of the DVC repository below the top of the work tree; "" when they are
			 one */
};

/*
 * Read `commit` as a repository whose root is `dvc_root`, an absolute directory of scm's work tree.
 * Nothing is read yet. Owns: the caller releases it; `scm` outlives it.
 */
void source_git_init(
	struct source_git *s, struct scm *scm, const struct scm_id *commit, const char *dvc_root);
void source_git_release(struct source_git *s);

#endif
