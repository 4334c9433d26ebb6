/*
 * Reads from Git's files without libgit2, which takes 5 ms to load (see scm/lib.h). For commands
 * that only need the HEAD commit, or need to know whether there is any ref for which libgit2 has
 * to be opened.
 */
#ifndef SCM_HEAD_H
#define SCM_HEAD_H

#include "scm/scm.h"

/* `root` is the top of a work tree (repo->git_root). False, with `*out` unset, when there is no
 * commit yet or the refs are stored in a format that is not read here. */
bool scm_head_peek(const char *root, struct scm_id *out);

/* May there be refs below `prefix` ("refs/exps")? False only when it is certain that there are
 * none: no directory of that name, no packed ref, and no reftable. */
bool scm_may_have_refs(const char *root, const char *prefix);

/*
 * The names of all refs below `prefix` ("refs/heads/"), sorted, whole. False, and nothing added,
 * when refs are stored in a way that only libgit2 or git reads. What a ref holds is not looked at:
 * for offering names, not for using them.
 */
bool scm_refs_peek(const char *root, const char *prefix, struct strlist *out);

/* root/.git, or the directory to which a ".git" file refers. Heap string; NULL when there is
 * neither. */
char *scm_git_dir_peek(const char *root);
/* The directory that all work trees of a Git directory share; often `git_dir` itself. Heap string,
 * normalized. */
char *scm_common_dir_peek(const char *git_dir);
/* Roots of the work trees that are linked to the repository of this one, as it notes them: some may
 * have been removed since. */
void scm_worktrees_peek(const char *root, struct strlist *out);

#endif
