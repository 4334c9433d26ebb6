#include "scm/reflock.h" /* first: git2.h has names that base/banned.h poisons */
#include "scm/scm.h"

#include <ctype.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/str.h"
#include "scm/expref.h"
#include "scm/ref.h"

bool scm_id_equal(const struct scm_id *a, const struct scm_id *b)
{
	return strcmp(a->hex, b->hex) == 0;
}

bool scm_is_full_id(const char *text)
{
	size_t n = 0;

	while (isxdigit((unsigned char)text[n]))
		n++;
	return n == 40 && text[n] == '\0';
}

/* libgit2 gives directories with a slash at the end. */
static char *without_slash(const char *path)
{
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		len--;
	return mem_strndup(path, len);
}

int scm_open(struct scm **out, const char *path, struct err *err)
{
	const struct scm_lib *lib = scm_lib(err);
	git_repository *repo = NULL;
	int r;

	if (!lib)
		return ERR_UNSUPPORTED;
	r = lib->repository_open_ext(&repo, path, 0, NULL);
	if (r == GIT_ENOTFOUND)
		return err_set(err, ERR_NOT_FOUND, "'%s' is not in a Git repository", path);
	if (r < 0) {
		(void)scm_lib_error(r, err, "unable to open the Git repository of '%s'", path);
		return ERR_UNSUPPORTED;
	}

	struct scm *scm = NEW(struct scm);
	const char *work = lib->repository_workdir(repo);

	scm->lib = lib;
	scm->repo = repo;
	scm->git_dir = without_slash(lib->repository_path(repo));
	scm->root = work ? without_slash(work) : mem_strdup(scm->git_dir);
	(void)reflock_clear(scm, false);
	*out = scm;
	return 0;
}

void scm_free(struct scm *scm)
{
	if (!scm)
		return;
	scm->lib->repository_free(scm->repo);
	free(scm->root);
	free(scm->git_dir);
	free(scm);
}

const char *scm_root(const struct scm *scm)
{
	return scm->root;
}

const char *scm_git_dir(const struct scm *scm)
{
	return scm->git_dir;
}

int scm_head(struct scm *scm, struct scm_id *out, char **out_branch, struct err *err)
{
	AUTO(mem_freep) char *target = NULL;
	int r;

	if (scm->lib->repository_head_unborn(scm->repo) == 1)
		return err_set(err, ERR_NOT_FOUND, "Empty git repo");
	r = scm_ref_read(scm, "HEAD", out, err);
	if (r < 0)
		return r;
	if (!out_branch)
		return 0;
	r = scm_ref_target(scm, "HEAD", &target, err);
	if (r < 0)
		return r;
	*out_branch = target && str_starts(target, "refs/heads/")
			      ? mem_strdup(target + strlen("refs/heads/"))
			      : NULL;
	return 0;
}

/* ---- revisions ---- */

/* As git rev-parse, down to a commit; false when there is no such thing. */
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

/* A branch that exactly one remote has: refs/remotes/<remote>/<rev>. Gives how many different
 * commits match. */
struct remote_branch {
	const char *rev;
	struct scm_id id;
	int found;
};

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
	return err_set(err, ERR_NOT_FOUND, "unknown Git revision '%s'", rev);
}

int scm_resolve(struct scm *scm, const char *rev, struct scm_id *out, struct err *err)
{
	AUTO(mem_freep) char *in_run = NULL;
	struct remote_branch remote = {.rev = rev};
	struct scm_id baseline;
	int r;

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
	if (strcmp(rev, "HEAD") == 0 || str_starts(rev, "refs/"))
		return unknown_revision(err, rev);
	r = expref_resolve(scm, rev, NULL, out, NULL);
	if (r == ERR_EXISTS)
		return err_set(err, ERR_FAIL, "ambiguous Git revision '%s'", rev);
	return r < 0 ? unknown_revision(err, rev) : 0;
}

int scm_commit_load(
	struct scm *scm, const struct scm_id *id, struct scm_commit *out, struct err *err)
{
	git_commit *commit = NULL;
	git_oid oid;
	int r;

	if (!scm_id_to(scm, id, &oid))
		return err_set(err, ERR_NOT_FOUND, "'%s' is no commit", id->hex);
	r = scm->lib->commit_lookup(&commit, scm->repo, &oid);
	if (r < 0)
		return scm_lib_error(r, err, "unable to read commit '%s'", id->hex);

	*out = (struct scm_commit){.id = *id};
	scm_id_from(scm, scm->lib->commit_tree_id(commit), &out->tree);
	for (unsigned i = 0; i < scm->lib->commit_parentcount(commit); i++)
		scm_id_from(scm, scm->lib->commit_parent_id(commit, i), vec_push(&out->parents));
	out->time_s = scm->lib->commit_time(commit);
	out->offset_min = scm->lib->commit_time_offset(commit);
	out->message = mem_strdup(scm->lib->commit_message_raw(commit));
	scm->lib->commit_free(commit);
	return 0;
}

void scm_commit_release(struct scm_commit *c)
{
	vec_release(&c->parents);
	free(c->message);
	*c = (struct scm_commit){0};
}

char *scm_commit_subject(const struct scm_commit *c)
{
	const char *text = c->message ? c->message : "";

	while (*text == '\n')
		text++;
	return mem_strndup(text, strcspn(text, "\n"));
}

/* ---- writing commits ---- */

char *scm_config(struct scm *scm, const char *key)
{
	git_config *config = NULL;
	const char *value = NULL;
	char *copy = NULL;

	if (scm->lib->repository_config_snapshot(&config, scm->repo) == 0 &&
		scm->lib->config_get_string(&value, config, key) == 0)
		copy = mem_strdup(value);
	scm->lib->config_free(config);
	return copy;
}

int scm_signature(struct scm *scm, const char *role, git_signature **out, struct err *err)
{
	AUTO(mem_freep) char *name_var = mem_printf("GIT_%s_NAME", role);
	AUTO(mem_freep) char *mail_var = mem_printf("GIT_%s_EMAIL", role);
	AUTO(mem_freep) char *name = NULL;
	AUTO(mem_freep) char *mail = NULL;
	const struct passwd *user = NULL;
	int r;

	if (getenv(name_var))
		name = mem_strdup(getenv(name_var));
	if (!name)
		name = scm_config(scm, "user.name");
	if (getenv(mail_var))
		mail = mem_strdup(getenv(mail_var));
	if (!mail)
		mail = scm_config(scm, "user.email");
	if (!name || !mail)
		user = getpwuid(getuid());
	if (!name)
		name = mem_strdup(user && *user->pw_name ? user->pw_name : "cairn");
	if (!mail) {
		char host[256] = "localhost";

		(void)gethostname(host, sizeof(host) - 1); /* else the word above */
		mail = mem_printf("%s@%s", user ? user->pw_name : "cairn", host);
	}
	r = scm->lib->signature_now(out, name, mail);
	return r < 0 ? scm_lib_error(r, err, "unable to use '%s <%s>' as the author of a commit",
			       name, mail)
		     : 0;
}

int scm_write_commit(struct scm *scm, const struct scm_id *tree, const struct scm_id *parents,
	size_t parent_count, const char *message, struct scm_id *out, struct err *err)
{
	const git_commit *commits[4] = {NULL};
	git_signature *author = NULL, *committer = NULL;
	git_tree *root = NULL;
	git_oid oid;
	int r;

	if (parent_count > ARRAY_SIZE(commits))
		return err_set(err, ERR_FAIL, "too many parents for a commit");
	r = scm_id_to(scm, tree, &oid) ? scm->lib->tree_lookup(&root, scm->repo, &oid)
				       : GIT_ENOTFOUND;
	if (r < 0)
		r = scm_lib_error(r, err, "unable to read tree '%s'", tree->hex);
	for (size_t i = 0; i < parent_count && r == 0; i++) {
		r = scm_id_to(scm, &parents[i], &oid)
			    ? scm->lib->commit_lookup((git_commit **)&commits[i], scm->repo, &oid)
			    : GIT_ENOTFOUND;
		if (r < 0)
			r = scm_lib_error(r, err, "unable to read commit '%s'", parents[i].hex);
	}
	if (r == 0)
		r = scm_signature(scm, "AUTHOR", &author, err);
	if (r == 0)
		r = scm_signature(scm, "COMMITTER", &committer, err);
	if (r == 0) {
		r = scm->lib->commit_create(&oid, scm->repo, NULL, author, committer, NULL, message,
			root, parent_count, commits);
		if (r < 0)
			r = scm_lib_error(r, err, "unable to write a commit");
		else
			scm_id_from(scm, &oid, out);
	}
	for (size_t i = 0; i < parent_count && i < ARRAY_SIZE(commits); i++)
		scm->lib->commit_free((git_commit *)commits[i]);
	scm->lib->signature_free(author);
	scm->lib->signature_free(committer);
	scm->lib->tree_free(root);
	return r;
}
