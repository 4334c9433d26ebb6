/* The questions: arguments in, a call of ops/ or exp/, a document out. */
#include <string.h>

#include "api/api_int.h"
#include "api/values.h"
#include "base/alloc.h"
#include "base/str.h"
#include "exp/table.h"
#include "ops/artifacts.h"
#include "ops/dataset.h"
#include "ops/resolve.h"
#include "text/json.h"

/* The revisions to read: those that were asked for, else that of the repository; empty: the work
 * tree. */
static int choose_revs(
	struct external *e, const struct query_args *o, struct strlist *out, struct err *err)
{
	struct scm_id id;
	bool many = o->all_branches || o->all_tags || o->all_commits;
	for (size_t i = 0; i < o->revs.count; i++)
		strlist_add(out, o->revs.items[i]);
	if (out->count || many || external_is_work_tree(e))
		return 0;
	if (o->rev) { /* by its name, which is a key of the answer */
		strlist_add(out, o->rev);
		return 0;
	}
	int r = external_rev(e, &id, err);
	if (r >= 0)
		strlist_add(out, id.hex);
	return r;
}

static int read_files(struct external *e, const struct query_args *o, readings_fn read,
	struct arena *a, struct value **out, struct err *err)
{
	AUTO(readings_list_release) struct readings_list list = {0};
	AUTO(strlist_release) struct strlist revs = STRLIST_INIT;
	const struct readings_opts which = {.targets = &o->targets,
		.revs = &revs,
		.stages = &o->stages,
		.all_branches = o->all_branches,
		.all_tags = o->all_tags,
		.all_commits = o->all_commits,
		.named_only = true,
		.hide_workspace = true,
		.deps_only = o->deps};
	int r = choose_revs(e, o, &revs, err);
	if (r >= 0)
		r = readings_collect(external_repo(e), &which, read, a, &list, err);
	if (r >= 0 && o->fail)
		r = readings_check(&list, err);
	if (r >= 0)
		*out = readings_list_value(&list, external_repo(e), a);
	return r;
}

static int ask_metrics(struct external *e, const struct query_args *o, struct arena *a,
	struct value **out, struct err *err)
{
	return read_files(e, o, metrics_read, a, out, err);
}

static int ask_params(struct external *e, const struct query_args *o, struct arena *a,
	struct value **out, struct err *err)
{
	return read_files(e, o, params_read, a, out, err);
}

static int ask_exp(struct external *e, const struct query_args *o, struct arena *a,
	struct value **out, struct err *err)
{
	AUTO(strlist_release) struct strlist revs = STRLIST_INIT;
	AUTO(exp_release) struct exp x = EXP_INIT;
	AUTO(exp_table_release) struct exp_table table = {0};
	bool tree = external_is_work_tree(e);
	int r = choose_revs(e, o, &revs, err);
	if (r >= 0)
		r = exp_open(&x, external_repo(e), err);
	if (r == ERR_NO_COMMIT) { /* as in DVC, an empty table */
		err_release(err);
		*out = value_list(a);
		return 0;
	}
	if (r >= 0)
		r = exp_show(&x,
			&(struct exp_show_opts){.revs = &revs,
				.num = (int)o->num,
				.all_branches = o->all_branches,
				.all_tags = o->all_tags,
				.all_commits = o->all_commits,
				.hide_workspace = !tree,
				.sha_only = o->sha,
				.param_deps = o->param_deps,
				.force = o->force,
				.as_json = true},
			&table, err);
	if (r < 0)
		return r;

	/* the table goes with this call, its document does not */
	AUTO(buf_release) struct buf text = BUF_INIT;
	r = json_write(&text, exp_table_to_value(&table, &table.arena), NULL, err);
	if (r >= 0)
		*out = value_text(a, VALUE_JSON, buf_str(&text), text.len);
	return r;
}

static int need_name(const struct query_args *o, struct err *err)
{
	return o->name ? 0 : err_set(err, ERR_USAGE, "argument 'name' is required");
}

static int ask_artifact(struct external *e, const struct query_args *o, struct arena *a,
	struct value **out, struct err *err)
{
	AUTO(mem_freep) char *rev = NULL, *path = NULL;
	struct repo *repo = external_repo(e);
	const struct artifact_opts how = {.from = {.ctx = repo->ctx, .from_root = true},
		.version = o->version,
		.stage = o->stage};
	int r = need_name(o, err);
	if (r >= 0)
		r = ops_artifact_show(external_root(e), o->name, &how, &rev, &path, err);
	if (r >= 0)
		*out = artifact_value(rev, path, a);
	return r;
}

static int ask_dataset(struct external *e, const struct query_args *o, struct arena *a,
	struct value **out, struct err *err)
{
	struct index *ix;
	struct value *shown;
	int r = need_name(o, err);
	if (r >= 0)
		r = external_index(e, &ix, err);
	if (r >= 0)
		r = dataset_show(external_repo(e), ix, o->name, a, &shown, err);
	if (r >= 0)
		*out = value_copy(a, shown); /* it may refer to the index */
	return r;
}

static int ask_revs(struct external *e, const struct query_args *o, struct arena *a,
	struct value **out, struct err *err)
{
	AUTO(revs_release) struct revs revs = {0};
	unsigned kinds = (o->branches ? REVS_BRANCHES : 0) | (o->tags ? REVS_TAGS : 0) |
			 (o->commits ? REVS_COMMITS : 0) | (o->experiments ? REVS_EXPERIMENTS : 0);
	struct scm *scm;
	kinds = kinds ? kinds : REVS_USUAL;
	int r = external_scm(e, &scm, err);
	if (r >= 0)
		r = revs_list(scm, kinds, &revs, err);
	if (r >= 0)
		*out = revs_value(&revs, kinds, a);
	return r;
}

static int ask_stages(struct external *e, const struct query_args *o, struct arena *a,
	struct value **out, struct err *err)
{
	struct target_list found = {0};
	struct repo *repo = external_repo(e);
	struct index *ix;
	unsigned flags = TARGET_STAGES_ONLY | TARGET_LENIENT |
			 (o->recursive ? TARGET_RECURSIVE : 0);
	int r = external_is_work_tree(e) ? repo_index_parts(repo, &ix, err)
					 : external_index(e, &ix, err);
	if (r >= 0 && o->all)
		r = index_targets(ix, NULL, flags, &found, err);
	for (size_t i = 0; !o->all && r >= 0 && i < MAX(o->targets.count, (size_t)1); i++)
		r = index_targets(ix, o->targets.count ? o->targets.items[i] : "dvc.yaml", flags,
			&found, err);
	if (r >= 0)
		*out = stages_value(repo, &found, a);
	vec_release(&found);
	return MIN(r, 0);
}

static int ask_cloud_status(struct external *e, const struct query_args *o, struct arena *a,
	struct value **out, struct err *err)
{
	AUTO(cloud_status_release) struct cloud_status status = {0};
	const struct sync_opts cloud = {.targets = &o->targets,
		.remote = o->remote,
		.with_deps = o->with_deps,
		.recursive = o->recursive};
	int r = ops_cloud_status(external_repo(e), &cloud, &status, err);
	if (r >= 0)
		*out = cloud_status_value(&status, a);
	return r;
}

static int ask_status(struct external *e, const struct query_args *o, struct arena *a,
	struct value **out, struct err *err)
{
	AUTO(status_release) struct status status = {0};
	const struct status_opts local = {.targets = &o->targets,
		.no_updates = o->no_updates,
		.with_deps = o->with_deps,
		.recursive = o->recursive};
	if (o->cloud || o->remote)
		return ask_cloud_status(e, o, a, out, err);
	int r = ops_status(external_repo(e), &local, &status, err);
	if (r >= 0)
		*out = status_value(&status, a);
	return r;
}

static int ask_list(struct external *e, const struct query_args *o, struct arena *a,
	struct value **out, struct err *err)
{
	AUTO(list_entries_release) struct list_entries all = {0};
	const struct list_opts how = {.recursive = o->recursive,
		.dvc_only = o->dvc_only,
		.facts = true,
		.level = o->recursive ? (int)o->level : -1};
	int r = list_external(e, o->path, &how, o->subrepos, &all, err);
	if (r >= 0)
		*out = list_value(&all, a);
	return MIN(r, 0);
}

static int ask_resolve(struct external *e, const struct query_args *o, struct arena *a,
	struct value **out, struct err *err)
{
	struct value *list = value_list(a);
	for (size_t i = 0; i < o->paths.count; i++) {
		AUTO(resolved_release) struct resolved found = {0};
		const char *path = o->paths.items[i];
		int r = resolve_path(e, path, path, &found, err);
		if (r < 0)
			return r;
		value_append(a, list, resolved_value(&found, path, a));
	}
	*out = list;
	return 0;
}

static int ask_version(struct external *e, const struct query_args *o, struct arena *a,
	struct value **out, struct err *err)
{
	(void)e, (void)o, (void)err;
	*out = version_value(a);
	return 0;
}

static const struct query queries[] = {
	{"artifact", "name version stage", false, false, ask_artifact},
	{"dataset", "name", true, false, ask_dataset},
	{"exp", "revs num all_branches all_tags all_commits param_deps sha force", true, false,
		ask_exp},
	{"list", "path recursive dvc_only subrepos level", false, false, ask_list},
	{"metrics", "targets revs all_branches all_tags all_commits fail", false, false,
		ask_metrics},
	{"params", "targets revs all_branches all_tags all_commits fail deps stages", false, false,
		ask_params},
	{"resolve", "paths", false, false, ask_resolve},
	{"revs", "branches tags commits experiments", false, false, ask_revs},
	{"stages", "targets all recursive", true, false, ask_stages},
	{"status", "targets with_deps recursive no_updates cloud remote", true, true, ask_status},
	{"version", "", false, false, ask_version},
};

const struct query *query_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(queries); i++)
		if (str_eq(queries[i].name, name))
			return &queries[i];
	return NULL;
}
