/* The revisions of a Git repository by kind, for programs that let a user choose one. */
#ifndef OPS_REVS_H
#define OPS_REVS_H

#include "scm/scm.h"

struct revs {
	struct strlist branches, tags; /* names, sorted */
	struct strlist commits;        /* 40 digits: of all branches, tags and remote branches */
	struct strlist experiments; /* names; one that several baselines have stands there once */
};
void revs_release(struct revs *r);

enum revs_kinds {
	REVS_BRANCHES = 1 << 0,
	REVS_TAGS = 1 << 1,
	REVS_COMMITS = 1 << 2,
	REVS_EXPERIMENTS = 1 << 3,
	REVS_USUAL = REVS_BRANCHES | REVS_TAGS | REVS_EXPERIMENTS, /* when none is chosen */
};

/* List those of `kinds`. The caller releases `out`, also after a failure. Fails: the codes of
 * scm.h. */
int revs_list(struct scm *scm, unsigned kinds, struct revs *out, struct err *err);

#endif
