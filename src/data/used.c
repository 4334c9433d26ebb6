/* Collects objects from the workspace, from revisions, and from the tasks of experiments. `gc`
 * removes whatever is not collected here, so in doubt an object is added. */
#include "data/used.h"

#include <time.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "data/imports.h"
#include "data/listing.h"
#include "data/used_guess.h"
#include "project/source_git.h"
#include "scm/expref.h"
#include "scm/head.h"
#include "scm/ref.h"
#include "store/remote.h"

void used_release(struct used *u)
{
	VEC_EACH (&u->groups, g) {
		free(g->remote);
		oid_list_release(&g->oids);
		vec_release(&g->sizes);
		VEC_EACH (&g->names, n)
			free(n->path), free(n->rev);
		vec_release(&g->names);
		versions_release(&g->versions);
		oid_list_release(&g->named);
	}
	vec_release(&u->groups);
	oid_list_release(&u->listings_asked);
	oid_list_release(&u->listings_absent);
}

/* Where the objects of revisions come from. */
struct revs_walk {
	struct scm *scm;
	const struct scm_revs *revs;
	size_t at; /* the one that is collected */
	const struct strlist *targets;
	unsigned flags;
};

/* Listings that the cache lacks. At the first one, all that will be needed are looked for, and
 * fetched many at a time. */
struct ahead {
	const struct selection *outs;
	const struct revs_walk *walk; /* the revisions behind `outs`, or NULL */
	bool done;
};

struct collector {
	struct used *used;
	struct repo *repo;
	struct data *data;
	const struct used_opts *opts;
	struct ahead *ahead;
};

/* The group of a remote, which is added if needed. The next call may move it. */
static struct used_group *group_for(struct used *u, const char *remote)
{
	VEC_EACH (&u->groups, g) {
		if (str_eq(g->remote, remote))
			return g;
	}
	struct used_group *g = vec_push(&u->groups);
	g->remote = remote ? mem_strdup(remote) : NULL;
	return g;
}

/* The same for an output. With a remote of the user's choice, everything is in one group. */
static struct used_group *group_of(struct collector *c, const struct out *o)
{
	const char *remote = o->remote && !c->opts->remote ? o->remote : NULL;
	size_t before = c->used->groups.count;
	struct used_group *g = group_for(c->used, remote);
	if (c->used->groups.count > before)
		g->is_versioned = c->opts->versions &&
				  remote_is_versioned(c->repo, remote ? remote : c->opts->remote);
	return g;
}

/* Add the files that an output has on a cloud-versioned remote. */
static int add_versions(
	struct collector *c, struct used_group *g, const struct selected *sel, struct err *err)
{
	const char *name = g->remote ? g->remote : c->opts->remote;
	const struct oid oid = recorded_oid(&sel->out->rec);
	bool found = true;
	int r = versions_add(&g->versions, c->data, sel, name ? name : remote_default_name(c->repo),
		&found, err);
	if (!found)
		oid_list_add(&g->oids, &oid);
	return r;
}

/* `below` is the path of a file in the output; NULL: the output itself. */
static void add(struct collector *c, struct used_group *g, const struct oid *o, const char *path,
	const char *below)
{
	oid_list_add(&g->oids, o);
	if (c->opts->names && !below)
		oid_list_add(&g->named, o);
	if (c->opts->names)
		*vec_push(&g->names) = (struct used_name){*o,
			below ? path_join(path, below) : mem_strdup(path),
			c->opts->rev ? mem_strdup(c->opts->rev) : NULL};
}

static void look_ahead(struct collector *c);

/* Has the remote been asked for the listing already? Outputs with a remote of their own are not
 * remembered: another remote may have it. */
static bool was_asked(const struct collector *c, const struct out *o, const struct oid *oid)
{
	return !o->remote && oid_list_has(&c->used->listings_asked, oid);
}

/* Read a listing; fetch it if the cache lacks it. ERR_NOT_FOUND: no remote has it. */
static int read_listing(struct collector *c, const struct out *o, const struct oid *oid,
	struct tree *out, struct err *err)
{
	AUTO(err_release) struct err why = ERR_INIT;
	const struct progress *progress = c->opts->all_or_fail ? c->opts->progress : NULL;
	int r = cache_read_tree(&c->data->cache, oid, out, err);
	if (r != ERR_NOT_FOUND || !c->opts->remotes)
		return r;
	if (!c->ahead->done) {
		look_ahead(c);
		err_release(err);
		r = cache_read_tree(&c->data->cache, oid, out, err);
	}
	if (r != ERR_NOT_FOUND)
		return r;
	if (was_asked(c, o, oid)) {
		if (oid_list_has(&c->used->listings_absent, oid))
			listing_warn_absent(oid, progress);
		return r;
	}
	if (listing_fetch(c->opts->remotes, c->data, o, oid, c->opts->remote, progress, &why) < 0)
		return r;
	err_release(err);
	c->used->listings_fetched++;
	return cache_read_tree(&c->data->cache, oid, out, err);
}

/* Add the files of a listing: all of them, or those of the selected part. */
static int add_files(struct collector *c, struct used_group *g, const struct selected *sel,
	const struct oid *oid, const char *shown, struct err *err)
{
	AUTO(tree_release) struct tree t = TREE_INIT;
	size_t first, last;
	int r = read_listing(c, sel->out, oid, &t, err);

	if (r == ERR_NOT_FOUND) {
		/* for `gc` a missing listing is a failure: its files would be removed */
		if (c->opts->force || !c->opts->warn) {
			err_release(err);
			if (sel->inside) /* then the listing is what is reported as missing */
				add(c, g, oid, shown, NULL);
			return 0;
		}
		return err_set(err, ERR_FAIL,
			"unable to fully collect used cache without cache for directory '%s'",
			shown);
	}
	if (r < 0)
		return r;

	tree_range(&t, sel->inside ? sel->inside : "", &first, &last);
	for (size_t i = first; i < last; i++) {
		struct oid file = tree_entry_oid(&t, &t.entries[i]);
		add(c, g, &file, shown, tree_path(&t, &t.entries[i]));
	}

	return 0;
}

static void warn_without_data(struct collector *c, const struct out *o, const char *shown)
{
	AUTO(mem_freep) char *stage = stage_addressing(o->stage, c->repo->cwd);
	AUTO(buf_release) struct buf text = BUF_INIT;
	buf_addf(&text,
		"Output '%s'(stage: '%s') is missing version info. Cache for it will not be collected. Use `dvc repro` to get "
		"your pipeline up to date.",
		shown, stage);
	if (o->abs_path && file_exists(o->abs_path))
		buf_addf(&text,
			"\nYou can also use `dvc commit %s` to associate existing '%s' with stage: '%s'.",
			stage, shown, stage);
	progress_warn(c->opts->progress, "%s", text.ptr);
}

/* The .dvc file of a partial import does not record its data, but the state database knows what was
 * fetched. That is kept. */
static int add_fetched_import(
	struct collector *c, const struct selected *sel, const char *shown, struct err *err)
{
	AUTO(tree_release) struct tree t = TREE_INIT;
	AUTO(err_release) struct err why = ERR_INIT;
	struct used_group *g = group_for(c->used, NULL);
	struct oid oid;
	if (!import_known(c->data, sel->out->stage, &oid))
		return 0;

	add(c, g, &oid, shown, NULL);
	if (!oid.is_dir)
		return 0;

	int r = cache_read_tree(&c->data->cache, &oid, &t, &why);
	if (r < 0) /* the listing is missing, so the data cannot be checked out anyway */
		return r == ERR_NOT_FOUND ? 0 : err_move(err, &why);

	for (size_t i = 0; i < t.count; i++) {
		struct oid file = tree_entry_oid(&t, &t.entries[i]);
		add(c, g, &file, shown, tree_path(&t, &t.entries[i]));
	}

	return 0;
}

/* For a transfer: a damaged object in the cache is set aside, so that it is fetched again; and a
 * fetched one must have the recorded size. */
static int add_size(struct collector *c, struct used_group *g, const struct out *o,
	const struct oid *oid, const char *shown, struct err *err)
{
	if (oid->is_dir || o->rec.size < 0)
		return 0;
	remote_sizes_add(&g->sizes, oid, (uint64_t)o->rec.size);
	return data_check_size(c->data, &o->rec, shown, c->opts->progress, err);
}

/* The data of an import comes from its source, not from a remote. */
static bool is_from_origin(const struct collector *c, const struct out *o)
{
	return o->cache && c->opts->import &&
	       (stage_is_repo_import(o->stage) || (stage_is_import(o->stage) && !o->rec.hash) ||
		       import_is_at_source(o->stage));
}

/* False: it is not cached, not to be pushed, or of another remote. */
static bool applies(const struct collector *c, const struct out *o)
{
	const struct used_opts *opts = c->opts;
	if ((!o->cache && !opts->uncached) || (stage_is_repo_import(o->stage) && !opts->imports) ||
		(opts->push && !o->push))
		return false;
	return !opts->remote || !o->remote || str_eq(opts->remote, o->remote);
}

/* A transfer of a listing includes its files, so these are listed only if asked for. */
static bool needs_files(const struct collector *c, const struct selected *sel, const struct oid *o)
{
	return o->is_dir && (c->opts->whole || sel->inside);
}

/* Add the objects of one output, if the options want it. */
static int add_out(struct collector *c, const struct selected *sel, struct err *err)
{
	const struct out *o = sel->out;
	const struct used_opts *opts = c->opts;
	AUTO(mem_freep) char *shown = out_display(c->repo, o);
	struct oid oid = recorded_oid(&o->rec);
	if (is_from_origin(c, o)) {
		int r = opts->import(opts->import_ctx, o->stage, err);
		return MIN(r, 0);
	}
	if (!applies(c, o))
		return 0;

	if (!oid_is_set(&oid)) {
		if (opts->partial && stage_is_import(o->stage))
			return add_fetched_import(c, sel, shown, err);
		if (opts->warn && !stage_is_repo_import(o->stage))
			warn_without_data(c, o, shown);
		return 0;
	}

	struct used_group *g = group_of(c, o);
	int r = versions_keep_listing(c->data, o, err);
	if (r >= 0 && opts->sizes)
		r = add_size(c, g, o, &oid, shown, err);
	if (r < 0)
		return r;
	if (g->is_versioned)
		return add_versions(c, g, sel, err);

	if (!sel->inside)
		add(c, g, &oid, shown, NULL);
	return needs_files(c, sel, &oid) ? add_files(c, g, sel, &oid, shown, err) : 0;
}

/* ---- listings that will be needed */

static void add_wanted_listings(
	const struct collector *c, const struct selection *outs, struct used *wanted)
{
	for (size_t i = 0; i < outs->count; i++) {
		const struct selected *sel = &outs->items[i];
		const struct out *o = sel->out;
		struct oid oid = recorded_oid(&o->rec);
		if (is_from_origin(c, o) || !applies(c, o) || !needs_files(c, sel, &oid) ||
			o->rec.files || /* then the pointer has the listing */
			was_asked(c, o, &oid) || cache_has(&c->data->cache, &oid, NULL) != 0)
			continue;
		oid_list_add(
			&group_for(wanted, o->remote ? o->remote : c->opts->remote)->oids, &oid);
	}
}

static void look_ahead_in_revs(
	const struct collector *c, const struct revs_walk *w, struct used *wanted);

static void look_ahead(struct collector *c)
{
	AUTO(used_release) struct used wanted = {0};
	struct used *u = c->used;
	c->ahead->done = true;
	add_wanted_listings(c, c->ahead->outs, &wanted);
	if (c->ahead->walk)
		look_ahead_in_revs(c, c->ahead->walk, &wanted);
	VEC_EACH (&wanted.groups, g) {
		AUTO(oid_list_release) struct oid_list absent = {0};
		oid_list_sort(&g->oids);
		u->listings_fetched += listings_fetch(
			c->opts->remotes, c->data, g->remote, &g->oids, &absent);
		if (!str_eq(g->remote, c->opts->remote))
			continue;
		for (size_t i = 0; i < g->oids.count; i++)
			oid_list_add(&u->listings_asked, &g->oids.items[i]);
		for (size_t i = 0; i < absent.count; i++)
			oid_list_add(&u->listings_absent, &absent.items[i]);
	}
	oid_list_sort(&u->listings_asked);
	oid_list_sort(&u->listings_absent);
}

static int collect_outs(struct collector *c, const struct selection *outs, struct err *err)
{
	const struct used_opts *opts = c->opts;
	int r = 0;
	c->ahead->outs = outs;
	for (size_t i = 0; i < outs->count && r >= 0; i++) {
		r = add_out(c, &outs->items[i], err);
		if (r < 0 && opts->skip_failed) {
			progress_warn(opts->progress, "%s", err_text(err));
			err_release(err);
			r = 0;
		}
	}
	return r;
}

int used_collect(struct used *u, struct repo *repo, struct data *d, const struct selection *outs,
	const struct used_opts *opts, struct err *err)
{
	struct ahead ahead = {0};
	struct collector c = {u, repo, d, opts, &ahead};
	return collect_outs(&c, outs, err);
}

/* The remote of objects that broken files may name is not known: use the default one. */
static int guess_broken(struct used *u, struct data *d, const struct index *ix,
	const struct used_opts *opts, struct err *err)
{
	if (!ix->broken.count)
		return 0;
	return used_guess_broken(&group_for(u, NULL)->oids, d, ix, opts->progress, err);
}

int used_collect_index(struct used *u, struct repo *repo, struct data *d, struct index *ix,
	const struct used_opts *opts, struct err *err)
{
	const struct strlist everything = STRLIST_INIT;
	struct selection outs = {0};
	int r = opts->skip_failed ? guess_broken(u, d, ix, opts, err) : index_check(ix, err);
	if (r >= 0)
		r = select_outs(ix, &everything, 0, &outs, NULL, err);
	if (r >= 0)
		r = used_collect(u, repo, d, &outs, opts, err);
	vec_release(&outs);
	return r;
}

/* ---- revisions */

/* Load the index of the commit `at`. Broken files are set aside with opts->skip_failed. */
static int load_rev(const struct collector *c, const struct revs_walk *w, size_t at,
	struct source_git *source, struct index **out_ix, struct err *err)
{
	source_git_init(source, w->scm, &w->revs->items[at].id, c->repo->root);
	return c->opts->skip_failed ? index_load_parts(c->repo, &source->source, out_ix, err)
				    : index_load(c->repo, &source->source, out_ix, err);
}

static int select_rev(const struct collector *c, const struct revs_walk *w, struct index *ix,
	struct selection *out, struct err *err)
{
	int r = select_outs(ix, w->targets, w->flags, out, NULL, err);
	if (r >= 0)
		selection_narrow(out, ix, c->opts->max_bytes, c->opts->kinds);
	return r;
}

/* Load the index of the present commit and collect its objects. */
static int collect_rev(const struct collector *all, const struct revs_walk *w, struct err *err)
{
	struct source_git source;
	struct index *ix = NULL;
	struct selection outs = {0};
	struct used_opts here = *all->opts;
	struct collector c = *all;

	here.rev = w->revs->items[w->at].id.hex;
	c.opts = &here;
	int r = load_rev(&c, w, w->at, &source, &ix, err);
	if (r >= 0 && here.skip_failed)
		r = guess_broken(c.used, c.data, ix, &here, err);
	if (r >= 0)
		r = select_rev(&c, w, ix, &outs, err);
	if (r >= 0)
		r = collect_outs(&c, &outs, err);

	vec_release(&outs);
	index_free(ix);
	source_git_release(&source);
	return r;
}

/* The listings of the revisions that come after the present one. One that cannot be read is
 * reported when its turn comes. */
static void look_ahead_in_revs(
	const struct collector *c, const struct revs_walk *w, struct used *wanted)
{
	for (size_t i = w->at + 1; i < w->revs->count; i++) {
		AUTO(err_release) struct err why = ERR_INIT;
		struct source_git source;
		struct index *ix = NULL;
		struct selection outs = {0};
		if (load_rev(c, w, i, &source, &ix, &why) >= 0 &&
			select_rev(c, w, ix, &outs, &why) >= 0)
			add_wanted_listings(c, &outs, wanted);
		vec_release(&outs);
		index_free(ix);
		source_git_release(&source);
	}
}

/* The start of a day in local time, in seconds since 1970; -1 for an invalid date. */
static int64_t day_start(const char *date)
{
	struct tm tm = {.tm_isdst = -1};
	const char *end = strptime(date, "%Y-%m-%d", &tm);
	return end && !*end ? (int64_t)mktime(&tm) : -1;
}

/* The revisions that the options name; "workspace" is collected by the caller. */
static int revs_find(
	struct scm *scm, const struct used_revs *revs, struct scm_revs *out, struct err *err)
{
	AUTO(strlist_release) struct strlist named = STRLIST_INIT;
	int64_t since = revs->date ? day_start(revs->date) : 0;
	if (since < 0)
		return err_set(err, ERR_VALUE, "time data '%s' does not match format '%%Y-%%m-%%d'",
			revs->date);

	if (revs->rev && !str_eq(revs->rev, "workspace"))
		strlist_add(&named, revs->rev);

	const struct scm_revs_opts want = {.revs = &named,
		.num = revs->num ? revs->num : 1,
		.all_branches = revs->all_branches,
		.all_tags = revs->all_tags,
		.all_commits = revs->all_commits,
		.all_experiments = revs->all_experiments,
		.since = revs->date != NULL,
		.since_s = since};
	return scm_revs_collect(scm, &want, out, err);
}

static void add_rev(struct scm_revs *out, const struct scm_id *id, const char *name)
{
	VEC_EACH (out, have)
		if (scm_id_equal(&have->id, id))
			return;
	struct scm_rev *rev = vec_push(out);
	rev->id = *id;
	strlist_add(&rev->names, name);
}

/* Add the entries of the stashes of experiments. */
static int add_waiting(struct scm *scm, struct scm_revs *out, struct err *err)
{
	static const char *const refs[] = {EXPREF_QUEUE, EXPREF_FAILED, EXPREF_APPLY_STASH};
	int r = 0;
	for (size_t i = 0; i < ARRAY_SIZE(refs) && r >= 0; i++) {
		AUTO(scm_stash_release) struct scm_stash stash = {0};
		r = scm_stash_load(scm, refs[i], &stash, err);
		VEC_EACH (&stash, entry)
			add_rev(out, &entry->id, refs[i]);
	}
	return r;
}

bool used_revs_any(const struct used_revs *revs)
{
	return revs->all_branches || revs->all_tags || revs->all_commits || revs->all_experiments ||
	       revs->rev || revs->date || revs->ids;
}

int used_collect_revs(struct used *u, struct repo *repo, struct data *d,
	const struct used_revs *revs, const struct strlist *targets, unsigned flags,
	const struct used_opts *opts, struct err *err)
{
	struct scm_revs found = {0};
	struct scm *scm = NULL;
	bool any = used_revs_any(revs);
	/* look for the refs as files first: usually there are none, and libgit2 is not needed */
	bool waiting = revs->waiting && repo->git_root &&
		       scm_may_have_refs(repo->git_root, "refs/exps");
	if (!repo->git_root || !(any || waiting))
		return 0;

	int r = scm_open(&scm, repo->git_root, err);
	if (r >= 0 && any)
		r = revs_find(scm, revs, &found, err);
	if (r >= 0 && waiting)
		r = add_waiting(scm, &found, err);
	for (size_t i = 0; r >= 0 && revs->ids && i < revs->ids->count; i++)
		add_rev(&found, &revs->ids->items[i], revs->ids->items[i].hex);
	struct revs_walk walk = {scm, &found, 0, targets, flags};
	struct ahead ahead = {.walk = &walk};
	const struct collector c = {u, repo, d, opts, &ahead};
	for (; walk.at < found.count && r >= 0; walk.at++) {
		const struct scm_rev *rev = &found.items[walk.at];
		AUTO(mem_freep) char *names = strlist_join(&rev->names, ",");
		r = collect_rev(&c, &walk, err);
		if (r >= 0)
			continue;
		/* three ways to treat a revision that cannot be read */
		if (opts->failures) {
			strlist_add(opts->failures, rev->id.hex);
			strlist_add(opts->failures, err_text(err));
			err_release(err);
			r = 0;
			continue;
		}
		if (opts->all_or_fail) {
			r = err_wrap(err, ERR_FAIL, "Failed to collect '%s'", names);
			break;
		}
		progress_warn(opts->progress, "failed to collect '%.7s', skipping", rev->id.hex);
		err_release(err);
		r = 0;
	}

	scm_revs_release(&found);
	scm_free(scm);
	return r;
}
