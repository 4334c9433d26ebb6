/* Collects readings over revisions: one index per revision, read by metrics_read() or
 * params_read(). */
#include "ops/reading.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "project/source_git.h"
#include "scm/ref.h"
#include "scm/scm.h"

void readings_list_release(struct readings_list *l)
{
	VEC_EACH (&l->items, r)
		vec_release(&r->files);
	vec_release(&l->items);
}

static void read_index(struct index *ix, const struct readings_opts *opts, readings_fn read,
	struct arena *a, const char *rev, struct readings_list *out)
{
	struct readings *r = vec_push(&out->items);
	r->rev = arena_strdup(a, rev);
	read(ix, opts, a, r);
}

struct reading_error readings_error(struct arena *a, const struct err *why)
{
	if (!why->msg)
		return (struct reading_error){"DvcException", ""};

	struct reading_error corrupted;
	if (!why->page && reading_corrupted(a, why->msg, &corrupted))
		return corrupted;

	size_t first = strcspn(why->msg, "\n");
	const char *line = arena_strndup(a, why->msg, first);
	/* cairn's message begins with the file's name in quotes; the text of the exception is made
	 * from that */
	const char *quote = why->msg[0] == '\'' ? strchr(why->msg + 1, '\'') : NULL;
	if (!why->page || !quote)
		return (struct reading_error){str_starts(why->msg, "failed to parse '")
						      ? "ResolveError"
					      : why->code == ERR_VALUE ? "ValueError"
								       : "DvcException",
			arena_strdup(a, why->msg)};
	if (str_starts(quote, "' validation failed"))
		return (struct reading_error){"YAMLValidationError",
			arena_strndup(a, line, first - (line[first - 1] == '.'))};

	const char *path = why->msg + (str_starts(why->msg, "'./") ? 3 : 1);
	return (struct reading_error){
		"YAMLSyntaxError", arena_printf(a,
					   "unable to read: '%.*s', YAML file structure is "
					   "corrupted",
					   (int)(quote - path), path)};
}

/* Add a revision that cannot be loaded, and warn of it. */
static void note_failure(const struct readings_opts *opts, struct arena *a, const char *rev,
	const struct err *why, struct readings_list *out)
{
	struct readings *r = vec_push(&out->items);
	r->rev = arena_strdup(a, rev);
	r->error = readings_error(a, why);
	if (opts->warnings)
		strlist_addf(
			opts->warnings, "failed to load in revision '%s', %s", rev, r->error.msg);
}

/* Never fails: a dvc.yaml that cannot be read is part of the result. */
static int read_workspace(struct repo *repo, const struct readings_opts *opts, readings_fn read,
	struct arena *a, const char *rev, struct readings_list *out)
{
	AUTO(err_release) struct err err = ERR_INIT;
	struct index *ix;
	if (repo_index(repo, &ix, &err) < 0)
		note_failure(opts, a, rev, &err, out);
	else
		read_index(ix, opts, read, a, rev, out);
	return 0;
}

static void read_revision(struct repo *repo, struct scm *scm, const struct scm_rev *rev,
	const struct readings_opts *opts, readings_fn read, struct arena *a,
	struct readings_list *out)
{
	AUTO(err_release) struct err err = ERR_INIT;
	AUTO(mem_freep) char *name = strlist_join(&rev->names, ",");
	struct source_git source;
	struct index *ix = NULL;
	source_git_init(&source, scm, &rev->id, repo->root);
	if (index_load(repo, &source.source, &ix, &err) < 0)
		note_failure(opts, a, name, &err, out);
	else
		read_index(ix, opts, read, a, name, out);
	index_free(ix);
	source_git_release(&source);
}

static int fail_with(const struct reading_error *e, struct err *err)
{
	return err_kind(err, err_kind_of_class(e->type),
		err_set(err, ERR_FAIL, "%s", e->msg ? e->msg : "unknown failure"));
}

int readings_check(const struct readings_list *list, struct err *err)
{
	VEC_EACH (&list->items, r) {
		if (r->error.type)
			return fail_with(&r->error, err);
		VEC_EACH (&r->files, f)
			if (!f->data)
				return fail_with(&f->error, err);
	}
	return 0;
}

static bool same_readings(const struct readings *x, const struct readings *y, struct arena *a)
{
	return !x->error.type && !y->error.type &&
	       value_equal(readings_to_value(x, NULL, a), readings_to_value(y, NULL, a));
}

/* Remove the workspace, which is the first item, if the current branch is in the list with the same
 * readings. */
static void hide_workspace(struct scm *scm, struct arena *a, struct readings_list *out)
{
	AUTO(err_release) struct err ignored = ERR_INIT;
	AUTO(mem_freep) char *branch = NULL;
	struct scm_id head;
	if (scm_head(scm, &head, &branch, &ignored) < 0 || !branch || !out->items.count)
		return;

	VEC_EACH (&out->items, r) {
		if (strcmp(r->rev, branch) != 0 ||
			strcmp(out->items.items[0].rev, "workspace") != 0 ||
			!same_readings(&out->items.items[0], r, a))
			continue;
		vec_release(&out->items.items[0].files);
		memmove(out->items.items, out->items.items + 1,
			--out->items.count * sizeof(*out->items.items));
		return;
	}
}

int readings_collect(struct repo *repo, const struct readings_opts *opts, readings_fn read,
	struct arena *a, struct readings_list *out, struct err *err)
{
	bool many = opts->all_branches || opts->all_tags || opts->all_commits;
	if (!many && !(opts->revs && opts->revs->count))
		return read_workspace(repo, opts, read, a, "", out);

	AUTO(strlist_release) struct strlist named = STRLIST_INIT;
	AUTO(scm_revs_release) struct scm_revs revs = {0};
	for (size_t i = 0; opts->revs && i < opts->revs->count; i++)
		if (strcmp(opts->revs->items[i], "workspace") != 0)
			strlist_add(&named, opts->revs->items[i]);

	struct scm *scm = NULL;
	struct scm_revs_opts which = {.revs = &named,
		.num = 1,
		.all_branches = opts->all_branches,
		.all_tags = opts->all_tags,
		.all_commits = opts->all_commits};

	/* "workspace" alone needs no Git */
	if (named.count || many) {
		if (!repo->git_root)
			return err_kind(err, KIND_NO_GIT,
				err_set(err, ERR_FAIL,
					"Only supported for Git repositories. If you're seeing this error in a Git "
					"repo, try updating the DVC configuration with `dvc config core.no_scm false`."));
		int ret = scm_open(&scm, repo->git_root, err);
		if (ret == 0)
			ret = scm_revs_collect(scm, &which, &revs, err);
		if (ret < 0) {
			scm_free(scm);
			return ret;
		}
	}

	if (!opts->named_only || many || strlist_has(opts->revs, "workspace"))
		(void)read_workspace(repo, opts, read, a, "workspace", out);

	VEC_EACH (&revs, rev)
		read_revision(repo, scm, rev, opts, read, a, out);

	if (opts->hide_workspace && scm)
		hide_workspace(scm, a, out);
	scm_free(scm);
	return 0;
}
