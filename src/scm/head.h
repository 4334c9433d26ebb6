/*
 * What Git's files alone tell, without libgit2, which scm.h opens: what HEAD is, for commands that
 * must stay short and only note the commit; whether there is anything to open libgit2 for.
 */
#ifndef SCM_HEAD_H
#define SCM_HEAD_H

#include "scm/scm.h"

/* `root` is the top of a work tree (repo->git_root). False, and `*out` unset, when there is no
 * commit yet or refs are stored in a way that only libgit2 or git reads. */
bool scm_head_peek(const char *root, struct scm_id *out);

/*
 * May there be refs below `prefix` ("refs/exps")? False only when Git's files say that there are
 * none: no directory of that name, none among the packed refs, and refs are kept in such files.
 */
bool scm_may_have_refs(const char *root, const char *prefix);

/* root/.git, or where the file of that name leads to. Heap string; NULL when there is neither. */
char *scm_git_dir_peek(const char *root);
/* The directory that all work trees of a Git directory share, often the same. Heap string,
 * normalized. */
char *scm_common_dir_peek(const char *git_dir);

#endif
