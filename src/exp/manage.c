/* Selecting, finding, renaming and removing experiments by their refs, and cleaning up work trees.
 * apply.c and save.c have the rest of the header. */
#include "exp/manage.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "exp/commit.h"
#include "exp/notes.h"
#include "exec/tempdir.h"
#include "scm/head.h"
#include "scm/ref.h"

int exp_select_from(struct exp *x, const struct exp_select *which, struct exprefs *all,
	struct exprefs *out, struct err *err)
{
	AUTO(scm_revs_release) struct scm_revs revs = {0};
	AUTO(strlist_release) struct strlist head = STRLIST_INIT;
	int r = 0;

	strlist_add(&head, "HEAD");
	if (!which->all)
		r = scm_revs_collect(x->scm,
			&(struct scm_revs_opts){
				.revs = which->revs && which->revs->count ? which->revs : &head,
				.num = which->num},
			&revs, err);
	if (r < 0)
		return r;

	VEC_EACH (all, e) {
		/* all baselines: even those that no branch reaches any more */
		bool wanted = which->all;

		VEC_EACH (&revs, rev)
			wanted = wanted || scm_id_equal(&rev->id, &e->baseline);
		if (wanted)
			*vec_push(out) = TAKE(*e);
	}
	return 0;
}

int exp_select(struct exp *x, const struct exp_select *which, struct exprefs *out, struct err *err)
{
	AUTO(exprefs_release) struct exprefs all = {0};
	int r = exprefs_load(x->scm, NULL, &all, err);

	return r < 0 ? r : exp_select_from(x, which, &all, out, err);
}

int exp_remove_refs(struct exp *x, const struct exprefs *refs, struct err *err)
{
	struct scm_id applied;
	bool have_notes = exp_notes_any(x);
	bool have_applied = scm_ref_read(x->scm, EXPREF_EXEC_APPLY, &applied, NULL) == 0;
	int r = 0;

	for (size_t i = 0; i < refs->count && r == 0; i++) {
		const struct expref *e = &refs->items[i];

		if (have_applied && scm_id_equal(&applied, &e->tip))
			r = scm_ref_delete(x->scm, EXPREF_EXEC_APPLY, err);
		if (r == 0)
			r = scm_ref_delete(x->scm, e->ref, err);
		if (r == 0 && have_notes)
			r = exp_notes_remove(x, e->ref, err);
	}
	return r;
}

/* DVC's message. */
int exp_unresolved(const struct strlist *names, struct err *err)
{
	AUTO(mem_freep) char *list = strlist_join(names, "; ");

	return err_set(err, ERR_NOT_FOUND,
		names->count > 1 ? "'%s' are not valid experiment names"
				 : "'%s' is not a valid experiment name",
		list);
}

/* A copy: a name may be given twice. */
static void add_copy(struct exprefs *out, const struct expref *e)
{
	struct expref copy = *e;

	copy.ref = mem_strdup(e->ref);
	copy.name = mem_strdup(e->name);
	*vec_push(out) = copy;
}

int exp_find_in(struct exp *x, const struct exprefs *all, const struct strlist *names,
	struct exprefs *out, struct strlist *unknown, struct err *err)
{
	for (size_t i = 0; i < names->count; i++) {
		AUTO(err_release) struct err why = ERR_INIT;
		const struct expref *found = NULL;
		int r = exprefs_find(all, &x->head, names->items[i], &found, &why);

		if (r == ERR_NOT_FOUND)
			strlist_add(unknown, names->items[i]);
		else if (r < 0)
			return err_move(err, &why);
		else
			add_copy(out, found);
	}
	return 0;
}

int exp_find_named(struct exp *x, const struct strlist *names, struct exprefs *out, struct err *err)
{
	AUTO(strlist_release) struct strlist unknown = STRLIST_INIT;
	AUTO(exprefs_release) struct exprefs all = {0};
	int r = exprefs_load(x->scm, NULL, &all, err);

	if (r == 0)
		r = exp_find_in(x, &all, names, out, &unknown, err);
	return r < 0 ? r : unknown.count ? exp_unresolved(&unknown, err) : 0;
}

int exp_remove_named(struct exp *x, const struct strlist *names, struct err *err)
{
	AUTO(queue_entries_release) struct queue_entries entries = {0};
	AUTO(exprefs_release) struct exprefs refs = {0};
	AUTO(strlist_release) struct strlist unknown = STRLIST_INIT;
	VEC(const struct queue_entry *) tasks = {0};
	AUTO(exprefs_release) struct exprefs all = {0};
	AUTO(strlist_release) struct strlist no_refs = STRLIST_INIT;
	int r = queue_load(x, &entries, err);

	if (r == 0)
		r = exprefs_load(x->scm, NULL, &all, err);
	if (r == 0)
		r = exp_find_in(x, &all, names, &refs, &no_refs, err);

	/* a name may belong to both an experiment and a task: both are removed */
	for (size_t i = 0; i < names->count && r == 0; i++) {
		const struct queue_entry *e = queue_find(
			&entries, names->items[i], 1u << QUEUE_QUEUED | 1u << QUEUE_FAILED);

		if (e)
			*vec_push(&tasks) = e;
		else if (strlist_has(&no_refs, names->items[i]))
			strlist_add(&unknown, names->items[i]);
	}

	if (r == 0 && unknown.count)
		r = exp_unresolved(&unknown, err);
	if (r == 0)
		r = exp_remove_refs(x, &refs, err);
	for (size_t i = 0; i < tasks.count && r == 0; i++)
		r = queue_remove(x, tasks.items[i], err);
	vec_release(&tasks);
	return r;
}

int exp_all_but(struct exp *x, const struct exprefs *keep, struct exprefs *out, struct err *err)
{
	AUTO(exprefs_release) struct exprefs all = {0};
	int r = exprefs_load(x->scm, NULL, &all, err);

	VEC_EACH (&all, e) {
		bool kept = false;

		VEC_EACH (keep, k)
			kept = kept || strcmp(k->ref, e->ref) == 0;
		if (!kept)
			*vec_push(out) = TAKE(*e);
	}
	return r;
}

/* Does `name` refer to the same commit under another ref? An interrupted rename leaves both names;
 * renaming again then finishes it instead of being a conflict. */
static bool is_same_experiment(struct exp *x, const struct expref *e, const char *name)
{
	AUTO(mem_freep) char *ref = expref_format(&e->baseline, name);
	struct scm_id tip;

	return strcmp(ref, e->ref) != 0 && scm_ref_read(x->scm, ref, &tip, NULL) == 0 &&
	       scm_id_equal(&tip, &e->tip);
}

int exp_rename(struct exp *x, const char *from, const char *to, bool force, struct err *err)
{
	AUTO(exprefs_release) struct exprefs found = {0};
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	AUTO(mem_freep) char *ref = NULL;
	bool again;
	int r;

	strlist_add(&names, from);
	r = exp_find_named(x, &names, &found, err);
	again = r == 0 && is_same_experiment(x, &found.items[0], to);
	if (r == 0 && !force && !again)
		r = exp_check_conflict(x, &found.items[0].baseline, to, err);
	if (r == 0)
		r = expref_check_name(to, err);
	if (r < 0)
		return r;

	ref = expref_format(&found.items[0].baseline, to);
	if (str_eq(ref, found.items[0].ref)) /* given by its ref: it has that name */
		return 0;

	/* first write, then delete: a crash in between must not lose the experiment */
	r = scm_ref_write(x->scm, ref, &found.items[0].tip, NULL, NULL, err);
	if (r == 0 && exp_notes_any(x))
		r = exp_notes_move(x, found.items[0].ref, ref, again, err);
	return r < 0 ? r : scm_ref_delete(x->scm, found.items[0].ref, err);
}

/* Find the experiment whose commit is `tip`. One of the HEAD commit has precedence; otherwise it
 * must be unique. */
static int find_by_tip(struct exp *x, const char *shown, const struct scm_id *tip,
	struct exprefs *out, struct err *err)
{
	AUTO(exprefs_release) struct exprefs all = {0};
	AUTO(buf_release) struct buf names = BUF_INIT;
	struct expref *found = NULL;
	size_t count = 0;
	int r = exprefs_load(x->scm, NULL, &all, err);

	if (r < 0)
		return r;

	VEC_EACH (&all, e) {
		if (!scm_id_equal(&e->tip, tip))
			continue;
		count++;
		buf_addf(&names, "\n%s", e->ref);
		if (!found || scm_id_equal(&e->baseline, &x->head))
			found = e;
	}
	if (!found)
		return err_set(err, ERR_NOT_FOUND,
			"'%s' does not appear to be an experiment commit.", shown);
	if (count > 1 && !scm_id_equal(&found->baseline, &x->head))
		return err_set(err, ERR_FAIL,
			"Ambiguous experiment name '%s' can refer to multiple experiments. To create a branch use a full "
			"experiment ref:\n%s",
			shown, buf_str(&names));

	*vec_push(out) = TAKE(*found);
	return 0;
}

int exp_branch(struct exp *x, const char *experiment, const char *branch, char **out_name,
	char **out_branch, struct err *err)
{
	AUTO(exprefs_release) struct exprefs found = {0};
	AUTO(mem_freep) char *name = NULL;
	AUTO(mem_freep) char *ref = NULL;
	AUTO(mem_freep) char *message = NULL;
	struct scm_id tip;
	int r;

	/* DVC's whole message is the name; people get a sentence */
	if (scm_resolve(x->scm, experiment, &tip, NULL) < 0) {
		r = err_set(err, ERR_FAIL, "%s", experiment);
		return err_plain(err, r, "no experiment or commit is called '%s'", experiment);
	}

	r = find_by_tip(x, experiment, &tip, &found, err);
	if (r < 0)
		return r;

	name = branch ? mem_strdup(branch) : mem_printf("%s-branch", found.items[0].name);
	ref = mem_printf("refs/heads/%s", name);
	message = mem_printf("dvc: Created from experiment '%s'", found.items[0].name);
	if (scm_ref_exists(x->scm, ref))
		return err_set(err, ERR_FAIL, "Git branch '%s' already exists.", name);

	/* the empty id: the ref must not exist, in case another process has just made it */
	r = scm_ref_write(x->scm, ref, &tip, &(struct scm_id){""}, message, err);
	if (r < 0)
		return r;

	*out_name = mem_strdup(found.items[0].name);
	*out_branch = TAKE(name);
	return 0;
}

/*
 * Remove a work tree unless it is in use. The directory may have come with an archive or a clone,
 * so its .git file is not trusted: the entry in .git/worktrees is removed only if the file names
 * exactly the one that belongs to this directory.
 */
static int clean_tree(struct exp *x, const char *path, struct err *err)
{
	AUTO(mem_freep) char *common = scm_common_dir_peek(scm_git_dir(x->scm));
	AUTO(mem_freep) char *admin = mem_printf("%s/worktrees/%s", common, path_basename(path));
	AUTO(mem_freep) char *named = scm_git_dir_peek(path);
	int r = 0;

	if (tempdir_is_in_use(admin))
		return 0;
	if (str_eq(named, admin))
		r = file_remove(admin, err);
	return r < 0 ? r : file_remove(path, err);
}

/* Remove the work trees in a directory, by the names that exec/tempdir.c gives them. */
static int clean_trees(struct exp *x, const char *dir, struct err *err)
{
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	int r = file_check_below(dir, x->repo->root, err);

	if (r == 0 && file_is_dir(dir))
		r = file_list(dir, &names, err);

	for (size_t i = 0; i < names.count && r >= 0; i++) {
		AUTO(mem_freep) char *path = path_join(dir, names.items[i]);

		if (str_starts(names.items[i], "tmp") && file_is_dir(path) && !file_is_link(path))
			r = clean_tree(x, path, err);
	}
	return r < 0 ? r : 0;
}

static int collect_name(void *ctx, const char *name, const struct scm_id *id, struct err *err)
{
	(void)id;
	(void)err;
	strlist_add(ctx, name);
	return 0;
}

/* DVC removes an experiment without its notes, which the next one of that name would get. */
static int clean_notes(struct exp *x, struct err *err)
{
	AUTO(strlist_release) struct strlist notes = STRLIST_INIT;
	int r = exp_notes_any(x) ? scm_refs_each(x->scm, NOTES_PREFIX, collect_name, &notes, err)
				 : 0;

	for (size_t i = 0; i < notes.count && r == 0; i++) {
		AUTO(mem_freep) char *ref = mem_printf(
			EXPREF_PREFIX "%s", notes.items[i] + strlen(NOTES_PREFIX));

		if (!scm_ref_exists(x->scm, ref))
			r = scm_ref_delete(x->scm, notes.items[i], err);
	}
	return r;
}

int exp_clean(struct exp *x, struct err *err)
{
	AUTO(mem_freep) char *standalone = path_join(x->dir, "standalone");
	AUTO(lockfile_release) struct lockfile lock = LOCKFILE_INIT;
	int r = file_is_dir(x->dir) ? file_check_below(x->dir, x->repo->root, err) : 0;

	/* a new work tree is made and marked as in use under this lock */
	if (r == 0 && file_is_dir(x->dir))
		r = exp_lock(x, &lock, err);
	if (r == 0)
		r = clean_trees(x, x->dir, err);
	if (r == 0)
		r = clean_trees(x, standalone, err);
	return r < 0 ? r : clean_notes(x, err);
}
