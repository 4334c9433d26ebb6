#include "ops/data_status.h"

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "ops/entries.h"
#include "data/remotes.h"
#include "project/source_git.h"
#include "scm/ref.h"
#include "scm/worktree.h"
#include "store/transfer.h"

/* A revision's outputs. The entries borrow from here, so it lives as long as they do. */
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

static int load_rev(struct rev_view *v, struct repo *repo, const char *rev, struct scm_id *out_id,
	struct err *err)
{
	if (!repo->git_root)
		return err_set(err, ERR_FAIL,
			"Only supported for Git repositories. If you're seeing this error in a Git repo, try updating the "
			"DVC configuration with `dvc config core.no_scm false`.");
	int r = scm_open(&v->scm, repo->git_root, err);
	if (r >= 0)
		r = scm_resolve(v->scm, rev, out_id, err);
	if (r < 0) {
		scm_free(v->scm);
		v->scm = NULL;
		return r;
	}
	source_git_init(&v->source, v->scm, out_id, repo->root);
	r = index_load(repo, &v->source.source, &v->ix, err);
	return r < 0 ? r : select_all(v->ix, &v->outs, err);
}

/* ---- data status */

struct status {
	struct repo *repo;
	struct data *data;
	const struct data_status_opts *opts;
	unsigned flags; /* of comparisons */
	struct arena *a;
	struct index *ix;
	struct selection outs;
	struct strlist keys; /* the targets relative to the root; empty: everything */
};

static void put(struct status *s, struct value *map, const char *kind, struct value *v)
{
	struct value *list = value_get(map, kind);
	if (!list)
		value_set(s->a, map, kind, list = value_list(s->a));
	value_append(s->a, list, v);
}

static struct value *path_value(struct status *s, const struct entry *e)
{
	return value_string(s->a, entry_shown(s->a, e));
}

/* Sort a comparison into `map`; what is the same goes to `same` as paths. */
static void describe(
	struct status *s, const struct entry_changes *all, struct value *map, struct value *same)
{
	static const char *const kinds[] = {[CHANGE_ADDED] = "added",
		[CHANGE_DELETED] = "deleted",
		[CHANGE_MODIFIED] = "modified",
		[CHANGE_UNKNOWN] = "unknown"};
	static const enum change_kind order[] = {CHANGE_MODIFIED, CHANGE_ADDED, CHANGE_RENAMED,
		CHANGE_DELETED, CHANGE_UNKNOWN, CHANGE_NONE};
	for (size_t k = 0; k < ARRAY_SIZE(order); k++) {
		VEC_EACH (all, c) {
			const struct entry *e = c->new ? c->new : c->old;
			if (c->kind != order[k])
				continue;
			if (c->kind == CHANGE_RENAMED) {
				struct value *pair = value_map(s->a);
				value_set(s->a, pair, "old", path_value(s, c->old));
				value_set(s->a, pair, "new", path_value(s, c->new));
				put(s, map, "renamed", pair);
			} else if (c->kind != CHANGE_NONE) {
				put(s, map, kinds[c->kind], path_value(s, e));
			} else if (c->old && oid_is_set(&c->old->oid)) {
				value_set(s->a, same, entry_shown(s->a, e), value_null(s->a));
			}
		}
	}
}

static void add_paths(
	struct status *s, const struct entries *entries, bool pushed_only, struct value *list)
{
	VEC_EACH (entries, e) {
		if (!pushed_only || e->out->push)
			value_append(s->a, list, path_value(s, e));
	}
}

static int not_in_cache(
	struct status *s, const struct entries *recorded, struct value *list, struct err *err)
{
	struct entries missing = {0};
	int r = entries_missing(s->data, recorded, NULL, s->flags, &s->keys, s->a, &missing, err);
	add_paths(s, &missing, false, list);
	vec_release(&missing);
	return r;
}

static int not_in_remote(
	struct status *s, const struct entries *recorded, struct value *list, struct err *err)
{
	AUTO(remotes_release) struct remotes remotes = {0};
	struct entries missing = {0};
	struct fs *fs;
	int r = 0;
	if (!s->opts->remote && !remote_default_name(s->repo)) { /* there is nowhere it could be */
		r = entries_list(s->data, recorded, s->flags, &s->keys, s->a, &missing, err);
	} else {
		r = remotes_get(&remotes, s->repo, s->opts->remote, &fs, err);
		if (r >= 0)
			r = entries_missing(
				s->data, recorded, fs, s->flags, &s->keys, s->a, &missing, err);
	}
	add_paths(s, &missing, true, list);
	vec_release(&missing);
	return r;
}

/* HEAD against the pointers; *out_empty when there is no commit. */
static int compare_head(struct status *s, const struct entries *recorded, struct value *map,
	struct value *same, bool *out_empty, struct err *err)
{
	AUTO(rev_view_release) struct rev_view head = {0};
	struct entries old = {0};
	struct entry_changes all = {0};
	struct scm_id id;
	int r = s->repo->git_root ? load_rev(&head, s->repo, "HEAD", &id, err) : 0;
	if (!s->repo->git_root)
		return 0;
	*out_empty = r == ERR_NOT_FOUND;
	if (*out_empty) {
		err_release(err);
		r = 0;
	}
	if (r >= 0) {
		entries_recorded(s->data, &head.outs, s->a, &old);
		r = entries_compare(s->data, &old, recorded, s->flags, &s->keys, s->a, &all, err);
	}
	if (r >= 0)
		describe(s, &all, map, same);
	vec_release(&old);
	vec_release(&all);
	return r;
}

static int git_state(struct status *s, struct value *untracked, bool *out_dirty, struct err *err)
{
	struct worktree_changes all = {0};
	if (!s->repo->git_root)
		return 0;
	int r = worktree_status(
		s->repo->git_root, s->opts->untracked ? WORKTREE_UNTRACKED : 0, &all, err);
	*out_dirty = all.count > 0;
	VEC_EACH (&all, c) {
		if (c->index != '?')
			continue;
		AUTO(mem_freep) char *full = path_join(s->repo->git_root, c->path);
		if (!path_inside(full, s->repo->root))
			continue;
		AUTO(mem_freep) char *rel = repo_relative(s->repo, full);
		AUTO(mem_freep) char *shown = repo_display(s->repo, full);
		if (entries_match(&s->keys, rel))
			value_append(s->a, untracked, value_string(s->a, shown));
	}
	worktree_changes_release(&all);
	return r;
}

static void keep_if_any(struct status *s, struct value *out, const char *key, struct value *v)
{
	if (value_count(v))
		value_set(s->a, out, key, v);
}

static struct value *common_keys(
	struct arena *a, const struct value *x, const struct value *y, bool has_y)
{
	struct value *list = value_list(a);
	for (size_t i = 0; i < value_count(x); i++) {
		const char *key = x->list.items[i].key;
		if (!has_y || value_get(y, key))
			value_append(a, list, value_string(a, key));
	}
	return list;
}

static int run_status(
	struct status *s, struct value **out, bool *out_dirty, bool *out_empty, struct err *err)
{
	struct arena *a = s->a;
	struct entries recorded = {0}, workspace = {0};
	struct entry_changes all = {0};
	struct value *in_cache = value_list(a), *in_remote = value_list(a),
		     *committed = value_map(a);
	struct value *uncommitted = value_map(a), *untracked = value_list(a), *same = value_map(a),
		     *head_same = value_map(a);
	entries_recorded(s->data, &s->outs, a, &recorded);
	int r = entries_workspace(s->data, &s->outs, a, &workspace, err);
	if (r >= 0)
		r = entries_compare(
			s->data, &recorded, &workspace, s->flags, &s->keys, a, &all, err);
	if (r >= 0)
		describe(s, &all, uncommitted, same);
	entries_release(&workspace);
	if (r >= 0)
		r = not_in_cache(s, &recorded, in_cache, err);
	if (r >= 0 && s->opts->not_in_remote)
		r = not_in_remote(s, &recorded, in_remote, err);
	if (r >= 0)
		r = compare_head(s, &recorded, committed, head_same, out_empty, err);
	if (r >= 0)
		r = git_state(s, untracked, out_dirty, err);
	*out = value_map(a);
	keep_if_any(s, *out, "not_in_cache", in_cache);
	keep_if_any(s, *out, "not_in_remote", in_remote);
	keep_if_any(s, *out, "committed", committed);
	keep_if_any(s, *out, "uncommitted", uncommitted);
	keep_if_any(s, *out, "untracked", untracked);
	keep_if_any(
		s, *out, "unchanged", common_keys(a, same, head_same, s->repo->git_root != NULL));
	vec_release(&recorded);
	vec_release(&all);
	return r;
}

int ops_data_status(struct repo *repo, const struct data_status_opts *opts, struct arena *a,
	struct value **out, bool *out_dirty, bool *out_empty, struct err *err)
{
	struct status s = {.repo = repo,
		.opts = opts,
		.flags = COMPARE_BY_HASH | (opts->granular ? COMPARE_FILES | COMPARE_UNKNOWN : 0) |
			 (opts->unchanged ? COMPARE_SAME : 0),
		.a = a};
	*out_dirty = *out_empty = false;
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
		r = run_status(&s, out, out_dirty, out_empty, err);
	vec_release(&s.outs);
	strlist_release(&s.keys);
	return r;
}

/* ---- diff */

struct differ {
	struct repo *repo;
	struct data *data;
	struct arena *a;
	const struct diff_opts *opts;
	struct rev_view old, new;
	struct index *ix; /* of the workspace */
	struct selection workspace;
	struct entries was, is;
	struct strlist keys; /* the targets relative to the root; empty: everything */
	bool same;           /* both revisions are one commit */
};

static void differ_release(struct differ *d)
{
	vec_release(&d->workspace);
	vec_release(&d->was);
	entries_release(&d->is);
	strlist_release(&d->keys);
	rev_view_release(&d->old);
	rev_view_release(&d->new);
}

static struct value *hash_value(struct differ *d, const struct entry *e)
{
	char text[OID_TEXT];
	return e && oid_is_set(&e->oid) ? value_string(d->a, oid_format(&e->oid, text))
					: value_null(d->a);
}

static struct value *pair(struct differ *d, struct value *old, struct value *new)
{
	struct value *map = value_map(d->a);
	value_set(d->a, map, "old", old);
	value_set(d->a, map, "new", new);
	return map;
}

static void add_item(struct differ *d, struct value *out, const char *kind, struct value *path,
	struct value *hash)
{
	struct value *item = value_map(d->a);
	value_set(d->a, item, "path", path);
	value_set(d->a, item, "hash", hash);
	value_append(d->a, value_get(out, kind), item);
}

static void describe_change(struct differ *d, const struct entry_change *c, struct value *out)
{
	struct arena *a = d->a;
	const struct entry *e = c->old ? c->old : c->new;
	struct value *path = value_string(a, entry_shown(a, e));
	switch (c->kind) {
	case CHANGE_ADDED:
		add_item(d, out, "added", path, hash_value(d, c->new));
		break;
	case CHANGE_DELETED:
		add_item(d, out, "deleted", path, hash_value(d, c->old));
		break;
	case CHANGE_MODIFIED:
		add_item(d, out, "modified", path,
			pair(d, hash_value(d, c->old), hash_value(d, c->new)));
		break;
	case CHANGE_RENAMED:
		add_item(d, out, "renamed", pair(d, path, value_string(a, entry_shown(a, c->new))),
			hash_value(d, c->old));
		break;
	case CHANGE_UNKNOWN:
	case CHANGE_NONE:
		break;
	}
}

static int add_missing(struct differ *d, struct value *out, struct err *err)
{
	struct entries missing = {0};
	int r = entries_missing(
		d->data, &d->was, NULL, COMPARE_FILES, &d->keys, d->a, &missing, err);
	VEC_EACH (&missing, e)
		add_item(d, out, "not in cache", value_string(d->a, entry_shown(d->a, e)),
			hash_value(d, e));
	vec_release(&missing);
	return r;
}

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
			return err_set(err, ERR_UNEXPECTED,
				"[Errno 2] No such file or directory: '%s'",
				d->opts->targets->items[i]);
	}
	return 0;
}

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

static const char *sort_key(const struct value_item *it)
{
	const struct value *path = value_get(it->value, "path");
	const char *plain = value_str(path);
	return plain ? plain : value_get_str(path, "old");
}

static int by_shown_path(const void *a, const void *b)
{
	return strcmp(sort_key(a), sort_key(b));
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

int ops_diff(struct repo *repo, const struct diff_opts *opts, struct arena *a, struct value **out,
	struct err *err)
{
	static const char *const kinds[] = {
		"added", "deleted", "modified", "renamed", "not in cache"};
	AUTO(differ_release) struct differ d = {.repo = repo, .a = a, .opts = opts};
	struct entry_changes all = {0};
	*out = value_map(a);
	int r = repo_data(repo, &d.data, err);
	if (r < 0 || (repo->git_root && !has_commits(repo)))
		return r;
	r = load_sides(&d, err);
	if (r >= 0)
		r = resolve_targets(&d, err);
	if (r < 0 || d.same)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		value_set(a, *out, kinds[i], value_list(a));
	r = entries_compare(
		d.data, &d.was, &d.is, COMPARE_FILES | COMPARE_IMPLIED, &d.keys, a, &all, err);
	VEC_EACH (&all, c)
		describe_change(&d, c, *out);
	vec_release(&all);
	if (r >= 0 && !opts->b_rev)
		r = add_missing(&d, *out, err);
	bool any = false;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct value *list = value_get(*out, kinds[i]);
		any = any || value_count(list);
		if (value_count(list) > 1)
			qsort(list->list.items, list->list.count, sizeof(*list->list.items),
				by_shown_path);
	}
	if (!any)
		*out = value_map(a);
	return r;
}
