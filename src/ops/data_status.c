/* Both commands load the tables of entries.h for their two sides, and compare them there; this file
 * chooses the sides and arranges the results. */
#include "ops/data_status.h"

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "ops/entries.h"
#include "data/remotes.h"
#include "project/source_git.h"
#include "scm/ref.h"
#include "scm/worktree.h"
#include "store/remote.h"

/* The outputs of a revision. Entries borrow from it, so it must outlive them. */
struct rev_view {
	struct scm *scm;
	struct source_git source;
	struct index *ix;
	struct selection outs;
};

static void rev_view_release(struct rev_view *v)
{
	vec_release(&v->outs);
	index_free(v->ix);
	if (v->scm)
		source_git_release(&v->source);
	scm_free(v->scm);
}

static int select_all(struct index *ix, struct selection *out, struct err *err)
{
	const struct strlist everything = STRLIST_INIT;
	return select_outs(ix, &everything, 0, out, NULL, err);
}

/* Load the outputs of a revision into `v`, without a checkout. The caller releases `v`, also after
 * a failure. */
static int load_rev(struct rev_view *v, struct repo *repo, const char *rev, struct scm_id *out_id,
	struct err *err)
{
	if (!repo->git_root)
		return err_kind(err, KIND_NO_GIT,
			err_set(err, ERR_FAIL,
				"Only supported for Git repositories. If you're seeing this error in a Git repo, try updating the "
				"DVC configuration with `dvc config core.no_scm false`."));

	int r = scm_open(&v->scm, repo->git_root, err);
	if (r >= 0)
		r = scm_resolve(v->scm, rev, out_id, err);
	if (r < 0) {
		/* rev_view_release() releases `source`, which is not initialized yet, when `scm` is
		 * set */
		scm_free(v->scm);
		v->scm = NULL;
		return r;
	}

	source_git_init(&v->source, v->scm, out_id, repo->root);
	r = index_load(repo, &v->source.source, &v->ix, err);
	return r < 0 ? r : select_all(v->ix, &v->outs, err);
}

/* Clear the pointers into an index, which is released before the result is. */
static void detach(struct entries *all)
{
	VEC_EACH (all, e) {
		e->out = NULL;
		e->files = NULL;
	}
}

/* ---- data status */

/* The state of one `data status`. */
struct comparer {
	struct repo *repo;
	struct data *data;
	const struct data_status_opts *opts;
	unsigned flags; /* enum compare_flags */
	struct index *ix;
	struct selection outs;
	struct strlist keys; /* the targets relative to the root; empty: everything */
	struct data_status *out;
};

void data_status_release(struct data_status *s)
{
	vec_release(&s->not_in_cache);
	vec_release(&s->not_in_remote);
	vec_release(&s->committed);
	vec_release(&s->uncommitted);
	vec_release(&s->unchanged);
	strlist_release(&s->untracked);
	arena_release(&s->arena);
}

/* Move the entries that are the same on both sides, and have a hash, from `changes` to `same`. */
static void set_same_apart(struct entry_changes *changes, struct entries *same)
{
	size_t kept = 0;
	VEC_EACH (changes, c) {
		if (c->kind != CHANGE_NONE)
			changes->items[kept++] = *c;
		else if (c->old && oid_is_set(&c->old->oid))
			*vec_push(same) = *c->old;
	}
	changes->count = kept;
}

/* Outputs with `push: false` are left out: they are not expected in a remote. */
static int not_in_remote(struct comparer *s, const struct entries *recorded, struct err *err)
{
	AUTO(remotes_release) struct remotes remotes = {
		.state = s->data->state, .look = s->opts->no_refresh ? LOOK_NOTHING : LOOK_ALL};
	struct data_status *out = s->out;
	struct entries missing = {0};
	struct remote *storage;
	int r = 0;

	/* without a remote, everything is missing in it */
	if (!s->opts->remote && !remote_default_name(s->repo)) {
		r = entries_list(s->data, recorded, s->flags, &s->keys, &out->arena, &missing, err);
	} else {
		r = remotes_get_any(&remotes, s->repo, s->opts->remote, &storage, err);
		if (r >= 0)
			r = entries_missing(s->data, recorded, storage, s->flags, &s->keys,
				&out->arena, &missing, err);
	}

	VEC_EACH (&missing, e) {
		if (e->out->push)
			*vec_push(&out->not_in_remote) = *e;
	}

	vec_release(&missing);
	return r;
}

/* Compare HEAD with the pointers of the work tree. Without Git there is nothing to compare. */
static int compare_head(
	struct comparer *s, const struct entries *recorded, struct entries *same, struct err *err)
{
	AUTO(rev_view_release) struct rev_view head = {0};
	struct data_status *out = s->out;
	struct entries old = {0};
	struct scm_id id;

	int r = s->repo->git_root ? load_rev(&head, s->repo, "HEAD", &id, err) : 0;
	if (!s->repo->git_root)
		return 0;

	/* HEAD cannot be resolved before the first commit */
	out->empty = r == ERR_NOT_FOUND;

	if (out->empty) {
		err_release(err);
		r = 0;
	}

	if (r >= 0) {
		entries_recorded(s->data, &head.outs, &out->arena, &old);
		r = entries_compare(s->data, &old, recorded, s->flags, &s->keys, &out->arena,
			&out->committed, err);
	}

	set_same_apart(&out->committed, same);
	vec_release(&old);
	return r;
}

/* Whether Git sees changes, and which files neither Git nor DVC tracks. The untracked files of the
 * Git repository that lie outside the DVC project are left out. */
static int git_state(struct comparer *s, struct err *err)
{
	struct worktree_changes all = {0};
	if (!s->repo->git_root)
		return 0;

	int r = worktree_status(
		s->repo->git_root, s->opts->untracked ? WORKTREE_UNTRACKED : 0, &all, err);
	s->out->dirty = all.count > 0;

	VEC_EACH (&all, c) {
		if (c->index != '?' || !s->opts->untracked)
			continue;
		AUTO(mem_freep) char *full = path_join(s->repo->git_root, c->path);
		if (!path_inside(full, s->repo->root))
			continue;
		AUTO(mem_freep) char *rel = repo_relative(s->repo, full);
		if (entries_match(&s->keys, rel))
			strlist_take(&s->out->untracked, repo_display(s->repo, full));
	}

	worktree_changes_release(&all);
	return r;
}

static int by_path_and_kind(const void *pa, const void *pb)
{
	const struct entry *a = pa, *b = pb;
	int order = strcmp(a->path, b->path);
	return order ? order : a->is_dir - b->is_dir;
}

/* Append the entries that are in both tables, without duplicates. Sorts both tables. */
static void add_common(struct entries *x, struct entries *y, struct entries *out)
{
	size_t j = 0;
	vec_sort(x, by_path_and_kind);
	vec_sort(y, by_path_and_kind);
	VEC_EACH (x, e) {
		while (j < y->count && by_path_and_kind(&y->items[j], e) < 0)
			j++;
		bool there = j < y->count && by_path_and_kind(&y->items[j], e) == 0;
		bool again = out->count && by_path_and_kind(&out->items[out->count - 1], e) == 0;
		if (there && !again)
			*vec_push(out) = *e;
	}
}

/* The comparisons come one after the other, so that the files of the workspace (which may be many)
 * are released before HEAD is loaded. */
static int run_status(struct comparer *s, struct err *err)
{
	struct data_status *out = s->out;
	struct entries recorded = {0}, workspace = {0}, same = {0}, head_same = {0};

	entries_recorded(s->data, &s->outs, &out->arena, &recorded);

	int r = entries_workspace(s->data, &s->outs, &out->arena, &workspace, err);
	if (r >= 0)
		r = entries_compare(s->data, &recorded, &workspace, s->flags, &s->keys, &out->arena,
			&out->uncommitted, err);

	set_same_apart(&out->uncommitted, &same);
	entries_release(&workspace);

	if (r >= 0)
		r = entries_missing(s->data, &recorded, NULL, s->flags, &s->keys, &out->arena,
			&out->not_in_cache, err);
	if (r >= 0 && s->opts->not_in_remote)
		r = not_in_remote(s, &recorded, err);
	if (r >= 0)
		r = compare_head(s, &recorded, &head_same, err);
	if (r >= 0)
		r = git_state(s, err);

	/* unchanged: the same in HEAD, the pointers and the workspace; without Git, in the latter
	 * two */
	add_common(&same, s->repo->git_root ? &head_same : &same, &out->unchanged);

	/* these entries still point into the index */
	detach(&out->not_in_cache);
	detach(&out->not_in_remote);
	vec_release(&recorded);
	vec_release(&same);
	vec_release(&head_same);
	return r;
}

int ops_data_status(struct repo *repo, const struct data_status_opts *opts, struct data_status *out,
	struct err *err)
{
	struct comparer s = {.repo = repo,
		.opts = opts,
		.flags = COMPARE_BY_HASH | (opts->granular ? COMPARE_FILES | COMPARE_UNKNOWN : 0) |
			 (opts->unchanged ? COMPARE_SAME : 0),
		.out = out};
	int r = repo_index(repo, &s.ix, err);
	if (r >= 0)
		r = repo_data(repo, &s.data, err);
	if (r >= 0)
		r = select_all(s.ix, &s.outs, err);

	for (size_t i = 0; i < opts->targets->count; i++) {
		AUTO(mem_freep) char *full = repo_absolute(repo, opts->targets->items[i]);
		strlist_take(&s.keys, repo_relative(repo, full));
	}

	if (r >= 0)
		r = run_status(&s, err);

	vec_release(&s.outs);
	strlist_release(&s.keys);
	return r;
}

/* ---- diff */

/* The state of one `diff`. */
struct differ {
	struct repo *repo;
	struct data *data;
	struct arena *a; /* of the result */
	const struct diff_opts *opts;
	struct rev_view old, new;
	struct index *ix; /* of the workspace */
	struct selection workspace;
	struct entries was, is;
	struct strlist keys; /* the targets relative to the root; empty: everything */
	bool same;           /* both revisions are the same commit */
};

void diff_release(struct diff *d)
{
	vec_release(&d->changes);
	vec_release(&d->not_in_cache);
	arena_release(&d->arena);
}

static void differ_release(struct differ *d)
{
	vec_release(&d->workspace);
	vec_release(&d->was);
	entries_release(&d->is);
	strlist_release(&d->keys);
	rev_view_release(&d->old);
	rev_view_release(&d->new);
}

/* Convert the targets to paths relative to the root. Each must be on one of the two sides at
 * least. */
static int resolve_targets(struct differ *d, struct err *err)
{
	for (size_t i = 0; i < d->opts->targets->count; i++) {
		AUTO(mem_freep) char *full = repo_absolute(d->repo, d->opts->targets->items[i]);
		strlist_take(&d->keys, repo_relative(d->repo, full));
		const char *key = d->keys.items[i];
		int have = entries_have(d->data, &d->was, key, err);
		if (have == 0)
			have = entries_have(d->data, &d->is, key, err);
		if (have < 0)
			return have;
		if (have == 0)
			return err_set(err, ERR_NO_PATH,
				"[Errno 2] No such file or directory: '%s'",
				d->opts->targets->items[i]);
	}
	return 0;
}

/* Load both sides. The workspace is hashed only if no second revision is given. */
static int load_sides(struct differ *d, struct err *err)
{
	struct scm_id a, b;
	int r = load_rev(&d->old, d->repo, d->opts->a_rev, &a, err);
	if (r >= 0 && d->opts->b_rev) {
		r = load_rev(&d->new, d->repo, d->opts->b_rev, &b, err);
		d->same = r >= 0 && scm_id_equal(&a, &b);
	} else if (r >= 0) {
		r = repo_index(d->repo, &d->ix, err);
		if (r >= 0)
			r = select_all(d->ix, &d->workspace, err);
	}

	if (r < 0)
		return r;

	entries_recorded(d->data, &d->old.outs, d->a, &d->was);
	if (!d->opts->b_rev)
		return entries_workspace(d->data, &d->workspace, d->a, &d->is, err);

	entries_recorded(d->data, &d->new.outs, d->a, &d->is);
	return 0;
}

/* Compare paths as if those of directories ended with a slash: DVC sorts the texts that it
 * shows. */
static int by_shown_path(const struct entry *a, const struct entry *b)
{
	size_t a_len = strlen(a->path), b_len = strlen(b->path), len = MIN(a_len, b_len);
	int order = memcmp(a->path, b->path, len);
	if (order)
		return order;
	unsigned char x = a_len > len ? (unsigned char)a->path[len] : a->is_dir ? '/' : 0;
	unsigned char y = b_len > len ? (unsigned char)b->path[len] : b->is_dir ? '/' : 0;
	return x != y ? x - y : (a_len > b_len) - (a_len < b_len);
}

static int entries_by_shown_path(const void *a, const void *b)
{
	return by_shown_path(a, b);
}

static int changes_by_shown_path(const void *pa, const void *pb)
{
	const struct entry_change *a = pa, *b = pb;
	return by_shown_path(a->old ? a->old : a->new, b->old ? b->old : b->new);
}

static bool has_commits(struct repo *repo)
{
	struct scm *scm = NULL;
	struct scm_id id;
	bool has = repo->git_root && scm_open(&scm, repo->git_root, NULL) >= 0 &&
		   scm_head(scm, &id, NULL, NULL) >= 0;
	scm_free(scm);
	return has;
}

int ops_diff(struct repo *repo, const struct diff_opts *opts, struct diff *out, struct err *err)
{
	AUTO(differ_release) struct differ d = {.repo = repo, .a = &out->arena, .opts = opts};
	int r = repo_data(repo, &d.data, err);

	/* as in DVC, a repository without commits has no differences, and that is no failure */
	if (r < 0 || (repo->git_root && !has_commits(repo)))
		return r;

	r = load_sides(&d, err);
	if (r >= 0)
		r = resolve_targets(&d, err);
	if (r < 0 || d.same)
		return r;

	r = entries_compare(d.data, &d.was, &d.is, COMPARE_FILES | COMPARE_IMPLIED, &d.keys, d.a,
		&out->changes, err);
	if (r >= 0 && !opts->b_rev)
		r = entries_missing(
			d.data, &d.was, NULL, COMPARE_FILES, &d.keys, d.a, &out->not_in_cache, err);

	detach(&out->not_in_cache);
	vec_sort(&out->changes, changes_by_shown_path);
	vec_sort(&out->not_in_cache, entries_by_shown_path);
	return r;
}
