/* Makes the workspace match the pointers in two steps: plan every output, then apply the plans. So
 * unsaved data and damaged objects are found before any file changes. */
#include "ops/checkout.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/sort.h"
#include "base/str.h"
#include "data/imports.h"
#include "data/versions.h"
#include "ops/import.h"
#include "data/select.h"
#include "data/data.h"
#include "project/place.h"
#include "store/checkout.h"

void checkout_report_release(struct checkout_report *r)
{
	strlist_release(&r->added);
	strlist_release(&r->modified);
	strlist_release(&r->deleted);
	strlist_release(&r->failed);
	*r = CHECKOUT_REPORT_INIT;
}

/* The checkout of one output. */
struct job {
	const struct selected *sel;
	struct data_filter filter;
	struct checkout_opts opts;
	struct checkout_plan plan;
	bool skip; /* no hash is recorded for the output */
};

struct run {
	struct repo *repo;
	struct data *data;
	struct index *ix;
	const struct checkout_request *req;
	struct checkout_report *report;
	struct selection outs;
	struct job *jobs;
	size_t count;
};

static void run_release(struct run *r)
{
	for (size_t i = 0; i < r->count; i++) {
		checkout_plan_release(&r->jobs[i].plan);
		data_filter_release(&r->jobs[i].filter);
	}
	free(r->jobs);
	vec_release(&r->outs);
}

/* The path as shown, with a slash for a directory. Heap string. A caller that removes the directory
 * asks for it before. */
static char *shown_path(const struct repo *repo, const char *abs_path, bool is_dir)
{
	AUTO(mem_freep) char *rel = repo_display(repo, abs_path);
	return mem_printf("%s%s", rel, is_dir ? "/" : "");
}

/* ---- outputs that no pointer names any more */

/* Is the whole content at the path in the cache? */
static bool is_stored(struct data *d, const char *abs_path, enum hash_name hash)
{
	AUTO(hashed_release) struct hashed now = HASHED_INIT;
	char text[OID_TEXT];
	if (data_hash(d, abs_path, hash, false, &now, NULL) < 0)
		return false;
	const struct recorded rec = {
		.hash_name = hash_name_text(hash), .hash = oid_format(&now.oid, text)};
	return recorded_is_cached(d, &rec, NULL) > 0;
}

/* Is the path still what cairn or DVC put there? The inode and the mtime must be those in the state
 * database (the inode alone for a directory, whose mtime changes with its entries), and a copy must
 * be in the cache. */
static bool is_ours_still(struct run *r, const struct state_link *link, const char *abs_path)
{
	struct stat st;
	if (lstat(abs_path, &st) < 0)
		return false;
	bool dangling = S_ISLNK(st.st_mode) && stat(abs_path, &st) < 0;
	if (dangling || st.st_ino != link->inode)
		return false;
	if (!S_ISDIR(st.st_mode) && file_mtime_ns(&st) != link->mtime_ns)
		return false;
	/* gc may have removed the object since: remove the path only if the cache can restore it */
	return is_stored(r->data, abs_path, HASH_MD5) ||
	       is_stored(r->data, abs_path, HASH_MD5_DOS2UNIX);
}

/* Remove outputs that a checkout put here, and that no pointer names any more (for example after
 * `git checkout` of another branch). As in DVC, only a checkout without targets does so. */
static int remove_unused(struct run *r, struct err *err)
{
	struct state_links links = {0};
	int code = 0;

	state_links_load(r->data->state, &links);

	for (size_t i = 0; i < links.count && code >= 0; i++) {
		const struct state_link *link = &links.items[i];
		AUTO(mem_freep) char *abs_path = path_join(r->repo->root, link->rel_path);
		struct out *o = index_find_out(r->ix, abs_path);
		if (o || !file_exists(abs_path) || !is_ours_still(r, link, abs_path))
			continue;
		strlist_take(
			&r->report->deleted, shown_path(r->repo, abs_path, file_is_dir(abs_path)));
		r->report->files_deleted++;
		code = place_remove(r->repo, abs_path, err);
		state_link_remove(r->data->state, link->rel_path);
	}

	state_links_release(&links);
	return code;
}

/* ---- planning */

/* Compare one output with its pointer; changes nothing. */
static int plan_one(struct run *r, const struct selected *sel, struct job *job, struct err *err)
{
	const struct out *o = sel->out;
	struct oid want = recorded_oid(&o->rec);

	/* the pointer of a partial import has no hash; `fetch` may have noted one */
	if (import_is_partial(o->stage))
		(void)import_known(r->data, o->stage, &want);
	job->sel = sel;
	job->skip = !oid_is_set(&want);
	data_filter_init(&job->filter, r->repo, o->abs_path);

	/* names that `add` would refuse may lie in the way: they are compared like others */
	job->filter.walk.any_name = true;
	job->opts = (struct checkout_opts){.cache = &r->data->cache,
		.state = r->data->state,
		.filter = job->filter.walk,
		.relink = r->req->relink};

	int code = versions_keep_listing(r->data, o, err);
	return code < 0 ? code
			: checkout_plan_make(o->abs_path, &want, o->rec.isexec, sel->inside,
				  &job->opts, &job->plan, err);
}

/* Move damaged objects out of the cache, so that they count as missing and do not get into the
 * workspace. Sizes show the damage without hashing: they must add up to the recorded size. */
static int check_sizes(struct run *r, const struct job *job, struct err *err)
{
	AUTO(oid_list_release) struct oid_list damaged = {0};
	const struct recorded *rec = &job->sel->out->rec;
	if (rec->size < 0)
		return 0;
	AUTO(mem_freep) char *shown = out_display(r->repo, job->sel->out);
	int code = checkout_plan_check_sizes(
		&job->plan, &r->data->cache, (uint64_t)rec->size, &damaged, err);
	return code < 0 ? code : data_set_aside(r->data, &damaged, shown, r->req->progress, err);
}

static int plan_all(struct run *r, struct err *err)
{
	r->jobs = mem_zalloc((r->outs.count + 1) * sizeof(*r->jobs));
	VEC_EACH (&r->outs, sel) {
		const struct out *o = sel->out;
		struct oid want = recorded_oid(&o->rec);

		if (!o->cache || !o->abs_path || !path_inside(o->abs_path, r->repo->root))
			continue;
		/* the caller has looked at it a moment ago */
		if (!r->req->relink && data_is_same(r->data, o->abs_path, &want))
			continue;
		int code = plan_one(r, sel, &r->jobs[r->count++], err);
		if (code < 0)
			return code;
	}
	return 0;
}

/* Fail if a plan would overwrite or remove content that the cache does not have. One message names
 * all such files. */
static int check_unsaved(struct run *r, struct err *err)
{
	AUTO(strlist_release) struct strlist all = STRLIST_INIT;
	for (size_t i = 0; i < r->count; i++) {
		const struct strlist *unsaved = &r->jobs[i].plan.unsaved;
		for (size_t k = 0; k < unsaved->count; k++)
			strlist_add(&all, unsaved->items[k]);
	}

	if (!all.count)
		return 0;

	strlist_sort(&all);
	AUTO(mem_freep) char *lines = strlist_join(&all, "\n");
	return err_set(err, ERR_EXISTS,
		"Can't remove the following unsaved files without confirmation. Use `--force` to force.\n%s",
		lines);
}

/* ---- applying */

/* Carry out one plan and add the result to the report. An output that fails is recorded there, and
 * the others go on. */
static int apply_one(struct run *r, struct job *job, struct err *err)
{
	struct checkout_report *rep = r->report;
	struct checkout_plan *plan = &job->plan;
	AUTO(strlist_release) struct strlist failed = STRLIST_INIT;
	AUTO(mem_freep) char *shown = out_display(r->repo, job->sel->out);

	/* DVC removes what is at the path. It stays here: it may be the only copy. */
	if (job->skip) {
		const struct stage *stage = job->sel->out->stage;
		bool is_made_next = r->req->runs_next && stage->cmd && !r->repo->as_dvc;
		if (!import_is_partial(stage) && !is_made_next)
			progress_warn(r->req->progress,
				"No file hash info found for '%s'. It won't be created.",
				plan->path);
		strlist_add(&rep->failed, shown);
		return 0;
	}

	int code = place_apply(r->repo, plan, &job->opts, &failed, err);
	if (code < 0)
		return code;
	if (failed.count) {
		strlist_add(&rep->failed, shown);
		return 0;
	}

	if (!checkout_plan_writes(plan, &job->opts))
		return 0;

	/* remember the path, so that a later checkout may remove it */
	data_save_link(r->data, plan->path);

	/* files were only relinked: as in DVC, that is not reported */
	if (plan->change == CHECKOUT_SAME)
		return 0;

	rep->files_added += plan->files_added;
	rep->files_modified += plan->files_modified;
	rep->files_deleted += plan->files_deleted;
	strlist_take(plan->change == CHECKOUT_ADDED ? &rep->added : &rep->modified,
		shown_path(r->repo, plan->path, plan->want.is_dir));
	return 0;
}

/* Order of the report: directories before files, as DVC prints them. */
static int dirs_first(const void *pa, const void *pb)
{
	const char *a = *(char *const *)pa, *b = *(char *const *)pb;
	int order = (int)str_ends(b, "/") - (int)str_ends(a, "/");
	return order ? order : strcmp(a, b);
}

static void sort_shown(struct strlist *l)
{
	if (l->count > 1)
		sort_array(l->items, l->count, sizeof(*l->items), dirs_first);
}

static int report_failures(struct run *r, struct err *err)
{
	if (!r->report->failed.count || r->req->allow_missing)
		return 0;
	strlist_sort(&r->report->failed);
	AUTO(mem_freep) char *names = strlist_join(&r->report->failed, "\n");
	(void)err_set(err, ERR_FAIL,
		"Checkout failed for following targets:\n%s\nIs your cache up to date?\n"
		"<https://error.dvc.org/missing-files>",
		names);
	return err_plain(err, ERR_FAIL,
		"Checkout failed for following targets:\n%s\nIs your cache up to date? `dvc pull` brings what a remote has.",
		names);
}

/* All outputs are planned, and checked for unsaved data and damage, before the first is changed. */
static int run_all(struct run *r, struct err *err)
{
	const struct checkout_request *req = r->req;
	const char *bad = NULL;
	unsigned flags = (req->with_deps ? TARGET_WITH_DEPS : 0) |
			 (req->recursive ? TARGET_RECURSIVE : 0);

	int code = req->targets->count ? 0 : remove_unused(r, err);
	if (code >= 0)
		code = select_outs(r->ix, req->targets, flags, &r->outs, &bad, err);

	/* DVC's hint, for a target that Git tracks */
	if (code == ERR_NOT_FOUND && bad)
		return err_wrap(err, code, "Did you mean `git checkout %s`?", bad);

	if (code >= 0)
		code = plan_all(r, err);
	if (code >= 0 && !req->force)
		code = check_unsaved(r, err);

	for (size_t i = 0; i < r->count && code >= 0; i++)
		code = check_sizes(r, &r->jobs[i], err);
	for (size_t i = 0; i < r->count && code >= 0; i++)
		code = apply_one(r, &r->jobs[i], err);
	if (code < 0)
		return code;

	sort_shown(&r->report->added);
	sort_shown(&r->report->modified);
	sort_shown(&r->report->deleted);
	return report_failures(r, err);
}

int ops_checkout(struct repo *repo, const struct checkout_request *req, struct checkout_report *out,
	struct err *err)
{
	AUTO(run_release) struct run r = {.repo = repo, .req = req, .report = out};
	int code = repo_index(repo, &r.ix, err);
	if (code >= 0)
		code = repo_data(repo, &r.data, err);
	return code < 0 ? code : run_all(&r, err);
}

int ops_checkout_unsaved(struct repo *repo, struct index *ix, struct strlist *out, struct err *err)
{
	const struct strlist everything = STRLIST_INIT;
	const struct checkout_request req = {.targets = &everything};
	AUTO(run_release) struct run r = {.repo = repo, .ix = ix, .req = &req};

	int code = repo_data(repo, &r.data, err);
	if (code >= 0)
		code = select_outs(ix, &everything, 0, &r.outs, NULL, err);
	if (code >= 0)
		code = plan_all(&r, err);

	for (size_t i = 0; i < r.count && code >= 0; i++) {
		const struct strlist *unsaved = &r.jobs[i].plan.unsaved;
		for (size_t k = 0; k < unsaved->count && !r.jobs[i].skip; k++)
			strlist_add(out, unsaved->items[k]);
	}

	return MIN(code, 0);
}

static void add_part(struct strlist *parts, const char *what, int64_t files)
{
	if (files > 0)
		strlist_addf(
			parts, "%lld file%s %s", (long long)files, files == 1 ? "" : "s", what);
}

char *checkout_summary(const struct checkout_report *r, int64_t fetched)
{
	AUTO(strlist_release) struct strlist parts = STRLIST_INIT;
	add_part(&parts, "fetched", fetched);
	add_part(&parts, "modified", (int64_t)r->files_modified);
	add_part(&parts, "added", (int64_t)r->files_added);
	add_part(&parts, "deleted", (int64_t)r->files_deleted);
	struct buf text = BUF_INIT;
	for (size_t i = 0; i < parts.count; i++)
		buf_addf(&text, "%s%s",
			i == 0                 ? ""
			: i + 1 == parts.count ? " and "
					       : ", ",
			parts.items[i]);
	return buf_detach(&text);
}
