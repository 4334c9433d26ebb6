/* Reading commits, and writing them with the identity that git would use. */
#include "scm/scm_int.h" /* first: git2.h has names that base/banned.h poisons */

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"

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

	/* copied out of libgit2's object, which is freed below */
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

/* Blank lines at the beginning are skipped, as in git. */
char *scm_commit_subject(const struct scm_commit *c)
{
	const char *text = c->message ? c->message : "";

	while (*text == '\n')
		text++;
	return mem_strndup(text, strcspn(text, "\n"));
}

/* ---- writing ---- */

int scm_signature(struct scm *scm, const char *role, git_signature **out, struct err *err)
{
	AUTO(mem_freep) char *name_var = mem_printf("GIT_%s_NAME", role);
	AUTO(mem_freep) char *mail_var = mem_printf("GIT_%s_EMAIL", role);
	AUTO(mem_freep) char *name = NULL;
	AUTO(mem_freep) char *mail = NULL;
	const struct passwd *user = NULL;
	int r;

	/* as DVC's library does: the environment, then the configuration, then the user and host */
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

		(void)gethostname(host, sizeof(host) - 1); /* on failure the default stays */
		mail = mem_printf("%s@%s", user ? user->pw_name : "cairn", host);
	}
	r = scm->lib->signature_now(out, name, mail);
	return r < 0 ? scm_lib_error(r, err, "unable to use '%s <%s>' as the author of a commit",
			       name, mail)
		     : 0;
}

/* The commit belongs to no ref yet. A crash leaves an unreachable object, which git gc removes. */
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

	/* (free functions of libgit2 accept NULL) */
	for (size_t i = 0; i < parent_count && i < ARRAY_SIZE(commits); i++)
		scm->lib->commit_free((git_commit *)commits[i]);
	scm->lib->signature_free(author);
	scm->lib->signature_free(committer);
	scm->lib->tree_free(root);
	return r;
}
