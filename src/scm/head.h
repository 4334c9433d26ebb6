/*
 * What HEAD is, read from Git's files alone: for commands that must stay short and want to note the
 * commit, but need nothing else of Git (scm.h opens libgit2).
 */
#ifndef SCM_HEAD_H
#define SCM_HEAD_H

#include "scm/scm.h"

/* `root` is the top of a work tree (repo->git_root). False, and `*out` unset, when there is no
 * commit yet or refs are stored in a way that only libgit2 or git reads. */
bool scm_head_peek(const char *root, struct scm_id *out);

/* root/.git, or where the file of that name leads to. Heap string; NULL when there is neither. */
char *scm_git_dir_peek(const char *root);
/* The directory that all work trees of a Git directory share, often the same. Heap string,
 * normalized. */
char *scm_common_dir_peek(const char *git_dir);

#endif
