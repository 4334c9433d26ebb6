/* Lists, removes and renames experiments of a Git remote, and pushes them as configured. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "data/remotes.h"
#include "exp/notes.h"
#include "exp/share_int.h"
#include "project/config.h"
#include "scm/giturl.h"

int exp_list_remote(struct exp *x, const char *git_remote, const struct exp_select *which,
	struct exprefs *out, struct err *err)
{
	AUTO(remote_git_release) struct remote_git git = {0};
	AUTO(exprefs_release) struct exprefs all = {0};
	int r = remote_git_open(&git, x->scm, x->repo->cwd, git_remote, err);

	if (r == 0)
		r = share_list(x, &git, &all, NULL, err);
	return r < 0 ? r : exp_select_from(x, which, &all, out, err);
}

/* DVC's message. */
static int absent(const struct remote_git *git, const struct strlist *names, struct err *err)
{
	AUTO(mem_freep) char *list = strlist_join(names, "; ");

	return err_set(
		err, ERR_NOT_FOUND, "Experiment '%s' does not exist in '%s'", list, git->shown);
}

static bool has_ref(const struct exprefs *refs, const char *ref)
{
	VEC_EACH (refs, e)
		if (strcmp(e->ref, ref) == 0)
			return true;
	return false;
}

/* Delete the notes of the experiments that are gone, each only if it still is what was listed. */
static int delete_notes(struct exp *x, const struct remote_git *git,
	const struct remote_refs *notes, const struct ref_updates *removed, struct err *err)
{
	AUTO(ref_updates_release) struct ref_updates updates = {0};

	VEC_EACH (removed, u) {
		const struct scm_id *id = share_find_notes(notes, u->name);

		if (id && u->outcome == REF_SENT)
			*vec_push(&updates) = (struct ref_update){
				.name = exp_note_ref(u->name), .old = *id};
	}
	int r = updates.count ? share_push(x, git, &updates, 0, err) : 0;

	return r < 0 ? r : share_refused(git, &updates, err);
}

/* Delete these refs (with `keep` all others), each only if it still is what was listed. Their notes
 * go afterwards: an experiment that stays keeps them. */
static int delete_refs(struct exp *x, const struct remote_git *git, const struct exprefs *seen,
	const struct remote_refs *notes, const struct exprefs *chosen, bool keep,
	struct strlist *out_removed, struct err *err)
{
	AUTO(ref_updates_release) struct ref_updates updates = {0};
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	int r, then;

	VEC_EACH (seen, e) {
		if (has_ref(chosen, e->ref) == keep)
			continue;
		*vec_push(&updates) = (struct ref_update){
			.name = mem_strdup(e->ref), .old = e->tip};
		strlist_add(&names, e->name);
	}
	r = share_push(x, git, &updates, 0, err);
	then = r == 0 ? delete_notes(x, git, notes, &updates, err) : 0;
	for (size_t i = 0; i < names.count && r == 0; i++) {
		struct ref_update *u = &updates.items[i];

		if (u->outcome == REF_SENT)
			strlist_add(out_removed, names.items[i]);
		else if (u->outcome == REF_DIVERGED && then == 0)
			then = err_set(err, ERR_FAIL,
				"'%s' was not removed from '%s', since it has changed there in the meantime",
				names.items[i], git->shown);
	}
	return r < 0 ? r : then < 0 ? then : share_refused(git, &updates, err);
}

static void copy_refs(const struct exprefs *from, struct exprefs *to)
{
	VEC_EACH (from, e) {
		struct expref copy = *e;

		copy.ref = mem_strdup(e->ref);
		copy.name = mem_strdup(e->name);
		*vec_push(to) = copy;
	}
}

int exp_remove_remote(struct exp *x, const struct exp_share *how, bool keep,
	struct strlist *out_removed, struct err *err)
{
	AUTO(remote_git_release) struct remote_git git = {0};
	AUTO(exprefs_release) struct exprefs all = {0};
	AUTO(exprefs_release) struct exprefs seen = {0};
	AUTO(exprefs_release) struct exprefs chosen = {0};
	AUTO(remote_refs_release) struct remote_refs notes = {0};
	AUTO(strlist_release) struct strlist unknown = STRLIST_INIT;
	int r = remote_git_open(&git, x->scm, x->repo->cwd, how->git_remote, err);

	if (r == 0)
		r = share_list(x, &git, &all, &notes, err);
	copy_refs(&all, &seen);
	if (r == 0)
		r = share_choose(x, how, &all, &chosen, &unknown, err);
	if (r == 0 && unknown.count)
		r = absent(&git, &unknown, err);
	return r < 0 ? r : delete_refs(x, &git, &seen, &notes, &chosen, keep, out_removed, err);
}

/* ---- rename ---- */

static int conflict(const char *name, struct err *err)
{
	return err_set(err, ERR_EXISTS,
		"Experiment conflicts with existing experiment '%s'. To overwrite the existing experiment run:\n\n"
		"\tdvc exp run -f ...\n\n",
		name);
}

/* Move the notes as well: those on an experiment that is replaced go. */
static void add_notes(struct ref_updates *updates, const struct remote_refs *notes,
	const char *from_ref, const char *to_ref)
{
	const struct scm_id *from = share_find_notes(notes, from_ref);
	const struct scm_id *to = share_find_notes(notes, to_ref);

	if (from || to)
		*vec_push(updates) = (struct ref_update){.name = exp_note_ref(to_ref),
			.id = from ? *from : (struct scm_id){""},
			.old = to ? *to : (struct scm_id){""},
			.force = to != NULL};
	if (from)
		*vec_push(updates) = (struct ref_update){
			.name = exp_note_ref(from_ref), .old = *from};
}

/* Create the new ref and delete the old one. Both must be as they were listed. */
static int move_ref(struct exp *x, const struct remote_git *git, const struct expref *from,
	const char *new_ref, const struct scm_id *in_the_way, const struct remote_refs *notes,
	struct err *err)
{
	AUTO(ref_updates_release) struct ref_updates updates = {0};
	int r;

	*vec_push(&updates) = (struct ref_update){.name = mem_strdup(new_ref),
		.id = from->tip,
		.old = *in_the_way,
		.force = scm_id_is_set(in_the_way)};
	*vec_push(&updates) = (struct ref_update){.name = mem_strdup(from->ref), .old = from->tip};
	add_notes(&updates, notes, from->ref, new_ref);
	r = share_push(x, git, &updates, GIT_PUSH_ATOMIC, err);
	if (r < 0)
		return r;
	VEC_EACH (&updates, u)
		if (u->outcome == REF_DIVERGED)
			return err_set(err, ERR_FAIL,
				"'%s' was not renamed on '%s', since it has changed there in the meantime",
				from->name, git->shown);
	return share_refused(git, &updates, err);
}

/* git push sends objects that it has: the commit, and the notes, may be those of someone else. */
static int have_commits(struct exp *x, const struct remote_git *git, const struct expref *e,
	const struct remote_refs *notes, struct err *err)
{
	const struct scm_id *ids[] = {&e->tip, share_find_notes(notes, e->ref)};
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		AUTO(scm_commit_release) struct scm_commit c = {0};

		if (ids[i] && scm_commit_load(x->scm, ids[i], &c, NULL) < 0)
			strlist_take(&names, i ? exp_note_ref(e->ref) : mem_strdup(e->ref));
	}
	return share_fetch(x, git, &names, err);
}

int exp_rename_remote(struct exp *x, const char *git_remote, const char *from, const char *to,
	bool force, struct err *err)
{
	AUTO(remote_git_release) struct remote_git git = {0};
	AUTO(exprefs_release) struct exprefs all = {0};
	AUTO(remote_refs_release) struct remote_refs notes = {0};
	AUTO(mem_freep) char *ref = NULL;
	AUTO(err_release) struct err why = ERR_INIT;
	const struct expref *found = NULL;
	struct scm_id in_the_way = {""};
	int r = remote_git_open(&git, x->scm, x->repo->cwd, git_remote, err);

	if (r == 0)
		r = share_list(x, &git, &all, &notes, err);
	if (r < 0)
		return r;
	r = exprefs_find(&all, &x->head, from, &found, &why);
	if (r == ERR_NOT_FOUND)
		return err_set(err, r, "Experiment '%s' does not exist in '%s'", from, git.shown);
	if (r < 0)
		return err_move(err, &why);

	r = expref_check_name(to, err);
	if (r < 0)
		return r;
	ref = expref_format(&found->baseline, to);
	if (str_eq(ref, found->ref)) /* given by its ref: it has that name */
		return 0;
	VEC_EACH (&all, e)
		if (str_eq(e->ref, ref))
			in_the_way = e->tip;
	if (scm_id_is_set(&in_the_way) && !force)
		return conflict(to, err);

	r = have_commits(x, &git, found, &notes, err);
	return r < 0 ? r : move_ref(x, &git, found, ref, &in_the_way, &notes, err);
}

/* ---- exp.auto_push ---- */

/* As DVC's env2bool(), which looks for these anywhere in the value. */
static bool is_enabled(const struct repo *repo)
{
	const char *text = getenv("DVC_EXP_AUTO_PUSH");
	AUTO(mem_freep) char *lower = text ? str_lower(text) : NULL;

	if (lower)
		return strpbrk(lower, "1y") || strstr(lower, "true");
	return config_bool(&repo->config, "exp", "auto_push", false);
}

/* Does the Git remote exist, as far as that shows without asking it? */
static int check_git_remote(struct exp *x, const char *word, struct err *err)
{
	AUTO(remote_git_release) struct remote_git git = {0};
	AUTO(giturl_release) struct giturl u = {0};
	int r = remote_git_open(&git, x->scm, x->repo->cwd, word, err);

	if (r == 0 && !git.is_named && git.is_local && giturl_parse(&u, git.address, NULL) == 0 &&
		!file_exists(u.path))
		r = err_set(err, ERR_NOT_FOUND, "'%s' is not a valid Git remote or URL", git.shown);
	return r;
}

void exp_auto_push_begin(struct exp *x, struct exp_auto_push *out, const struct progress *progress)
{
	const char *word = getenv("DVC_EXP_GIT_REMOTE");
	AUTO(err_release) struct err why = ERR_INIT;
	int r;

	*out = (struct exp_auto_push){0};
	if (!is_enabled(x->repo))
		return;
	if (!word)
		word = config_str(&x->repo->config, "exp", "git_remote");
	out->git_remote = word ? word : "origin";
	if (str_eq(out->git_remote, x->repo->root))
		progress_warn(progress,
			"'%s' points to the current Git repo, experiment Git refs will not be pushed. But DVC cache and run "
			"cache will automatically be pushed to the default DVC remote (if any) on each experiment commit.",
			out->git_remote);
	r = check_git_remote(x, out->git_remote, &why);
	if (r == 0 && !remote_default_name(x->repo))
		r = err_set(&why, ERR_CONFIG,
			"config file error: no remote specified in %s. Create a default remote with\n"
			"    dvc remote add -d <remote name> <remote url>",
			x->repo->root);
	if (r < 0)
		progress_warn(progress, "Failed to validate remotes. Disabling auto push: %s",
			err_text(&why));
	out->enabled = r == 0;
}

void exp_auto_push(struct exp *x, const struct exp_auto_push *how, const char *ref,
	const struct progress *progress)
{
	AUTO(exp_pushed_release) struct exp_pushed pushed = {0};
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	AUTO(err_release) struct err why = ERR_INIT;

	if (!how->enabled)
		return;
	strlist_add(&names, ref);
	progress_info(progress,
		"Pushing experiment to '%s'. Cancel with CTRL+C. See "
		"<https://dvc.org/doc/user-guide/experiment-management/sharing-experiments> for more info.",
		how->git_remote);
	if (exp_push(x,
		    &(struct exp_share){.git_remote = how->git_remote,
			    .names = &names,
			    .cache = true,
			    .run_cache = true,
			    .progress = progress},
		    &pushed, &why) < 0)
		progress_warn(progress,
			"Something went wrong while auto pushing experiment to the remote '%s': %s",
			how->git_remote, err_text(&why));
}
