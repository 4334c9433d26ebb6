/* Finds the commit that a revision names: by Git's own rules first, then branches of remotes, then
 * experiments. */
#include "scm/scm_int.h" /* first: git2.h has names that base/banned.h poisons */

#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "scm/expref.h"
#include "scm/ref.h"

/* Resolve as git rev-parse does, down to a commit; false when there is no such revision. */
static bool parse_commit(struct scm *scm, const char *rev, struct scm_id *out)
{
	git_object *found = NULL, *commit = NULL;
	bool ok;

	if (scm->lib->revparse_single(&found, scm->repo, rev) < 0)
		return false;
	ok = scm->lib->object_peel(&commit, found, GIT_OBJECT_COMMIT) == 0;
	if (ok)
		scm_id_from(scm, scm->lib->object_id(commit), out);
	scm->lib->object_free(commit);
	scm->lib->object_free(found);
	return ok;
}

/* Search for a branch refs/remotes/<remote>/<rev>. `found` counts the different commits. */
struct remote_branch {
	const char *rev;
	struct scm_id id;
	int found;
};

/* The first component is taken for the name of the remote, the rest for the branch. */
static int match_remote(void *ctx, const char *ref, const struct scm_id *id, struct err *err)
{
	struct remote_branch *want = ctx;
	const char *branch = strchr(ref + strlen("refs/remotes/"), '/');

	(void)err;

	if (!branch || strcmp(branch + 1, want->rev) != 0)
		return 0;
	if (want->found && !scm_id_equal(&want->id, id))
		want->found++;
	else if (!want->found)
		want->found = 1;
	want->id = *id;
	return 0;
}

static int unknown_revision(struct err *err, const char *rev)
{
	return err_kind(err, KIND_UNKNOWN_REVISION,
		err_set(err, ERR_NOT_FOUND, "unknown Git revision '%s'", rev));
}

int scm_resolve(struct scm *scm, const char *rev, struct scm_id *out, struct err *err)
{
	AUTO(mem_freep) char *in_run = NULL;
	struct remote_branch remote = {.rev = rev};
	struct scm_id baseline;
	int r;

	/* inside a run of an experiment DVC resolves HEAD to the baseline */
	if (str_starts(rev, "HEAD") && (rev[4] == '\0' || rev[4] == '~' || rev[4] == '^') &&
		scm_ref_read(scm, EXPREF_EXEC_BASELINE, &baseline, NULL) == 0) {
		in_run = mem_printf("%s%s", EXPREF_EXEC_BASELINE, rev + 4);
		rev = in_run;
	}

	if (parse_commit(scm, rev, out))
		return 0;

	r = scm_refs_each(scm, "refs/remotes/", match_remote, &remote, err);
	if (r < 0)
		return r;
	if (remote.found > 1)
		return err_set(err, ERR_FAIL, "ambiguous Git revision '%s'", rev);
	if (remote.found == 1) {
		*out = remote.id;
		return 0;
	}

	/* these cannot be names of experiments */
	if (strcmp(rev, "HEAD") == 0 || str_starts(rev, "refs/"))
		return unknown_revision(err, rev);
	r = expref_resolve(scm, rev, NULL, out, NULL);
	if (r == ERR_EXISTS)
		return err_set(err, ERR_FAIL, "ambiguous Git revision '%s'", rev);
	return r < 0 ? unknown_revision(err, rev) : 0;
}
