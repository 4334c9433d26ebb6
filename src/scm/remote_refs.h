/*
 * The refs of another Git repository: listed, fetched and changed by the user's own git, so that
 * remotes, credentials, hosts, keys and proxies are those that `git fetch` and `git push` use. Each
 * call starts one git process for all refs (and one more for each few thousand).
 *
 * What the other side sends is not trusted: names that git check-ref-format refuses, and lines that
 * are no ref, are left out; fetched objects are not checked here. Nothing is deleted, overwritten
 * or pruned but the refs that the caller names, whatever the user's configuration says about
 * mirrors, tags, submodules and pruning. Hooks of the local repository do not run.
 *
 * No value is shared: functions may run in several threads.
 */
#ifndef SCM_REMOTE_REFS_H
#define SCM_REMOTE_REFS_H

#include "scm/scm.h"

/* Where the other repository is; released by remote_git_release(). */
struct remote_git {
	char *root;    /* the work tree in which git runs */
	char *address; /* what git is given: a name of the configuration, or an address */
	char *shown;   /* the same for messages: without a password */
	bool is_named;
	bool is_local;     /* a directory of this machine: git asks for no credentials */
	char *ssh_command; /* for GIT_SSH_COMMAND; NULL: git's own choice */
};
void remote_git_release(struct remote_git *r);

/*
 * Resolve the name of a remote in Git's configuration, or an address as git-clone(1) takes it; a
 * path is relative to `cwd`. Nothing is contacted. Fails: ERR_NOT_FOUND "'x' is not a valid Git
 * remote or URL" (as DVC), ERR_PARSE, ERR_FAIL as git_check_address().
 */
int remote_git_open(struct remote_git *out, struct scm *scm, const char *cwd, const char *word,
	struct err *err);

struct remote_ref {
	char *name;
	struct scm_id id; /* of the object it points to: any kind of object */
};
VEC_TYPE(remote_refs, struct remote_ref);
void remote_refs_release(struct remote_refs *refs);

/*
 * Append the refs whose full names begin with one of `prefixes` ("refs/exps/"; NULL-ended), sorted
 * by name. Fails: ERR_NOT_FOUND with DVC's words (no repository there), ERR_FAIL (credentials
 * are refused, in DVC's words; else git's text, with passwords masked).
 */
int remote_git_list(const struct remote_git *r, const char *const *prefixes,
	struct remote_refs *out, struct err *err);

/*
 * Fetch the objects of these refs (full names) and all that they lead to. No local ref is changed.
 * Fails: as remote_git_list().
 */
int remote_git_fetch(const struct remote_git *r, const struct strlist *names, struct err *err);

enum ref_outcome { /* the worst of several push URLs counts */
	REF_UNTRIED,
	REF_UP_TO_DATE,
	REF_SENT,
	REF_DIVERGED, /* not a fast-forward, or not what was expected: nothing was changed */
	REF_REFUSED,  /* by the other side, or by a hook there */
};
/* A ref to change on the other side. */
struct ref_update {
	char *name;
	struct scm_id id;  /* unset: delete the ref */
	struct scm_id old; /* set: only if it still points there */
	bool force;        /* even if that is no fast-forward */
	enum ref_outcome outcome;
	char *reason; /* of REF_REFUSED, else NULL */
};
VEC_TYPE(ref_updates, struct ref_update);
void ref_updates_release(struct ref_updates *updates);

enum git_push_flags {
	GIT_PUSH_DRY = 1 << 0,    /* ask what would happen; nothing is sent */
	GIT_PUSH_ATOMIC = 1 << 1, /* all or none */
};
/*
 * Change the refs and fill in the outcome of each; an outcome of an earlier call is replaced. A ref
 * that is not changed is no failure of the call. An empty list starts nothing. Fails: as
 * remote_git_list(), before anything was changed.
 */
int remote_git_push(
	const struct remote_git *r, struct ref_updates *updates, unsigned flags, struct err *err);

#endif
