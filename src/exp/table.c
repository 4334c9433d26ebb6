/* Collects the states of revisions and queued tasks, and formats them as DVC's JSON. */
#include "exp/table.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/sort.h"
#include "data/data.h"
#include "exp/active.h"
#include "exp/rows.h"
#include "ops/readings.h"
#include "project/source_git.h"
#include "scm/ref.h"
#include "text/json.h"

enum { MAX_CHAIN = 1000 }; /* limit of commits of one experiment */

struct collector {
	struct exp *x;
	const struct exp_show_opts *opts;
	struct arena *a;
	struct queue_entries queue;
	struct actives active;
	struct exp_state workspace; /* zero with hide_workspace */
	struct scm_names *names;    /* NULL with sha_only */
	struct state *state;        /* remembers rows; NULL: do not */
};

static struct value *int_or_null(struct arena *a, int64_t n)
{
	return n >= 0 ? value_int(a, n) : value_null(a);
}

static struct value *recorded_value(struct arena *a, const struct recorded *rec)
{
	struct value *v = value_map(a);

	value_set(a, v, "hash", value_string_or_null(a, rec->hash));
	value_set(a, v, "size", int_or_null(a, rec->hash ? rec->size : -1));
	value_set(a, v, "nfiles", int_or_null(a, rec->hash ? rec->nfiles : -1));
	return v;
}

/* Dependencies of all stages, with their records: nothing is hashed for the table. */
static struct value *deps_value(struct index *ix, struct arena *a)
{
	struct value *v = value_map(a);

	VEC_EACH (&ix->stages, s) {
		VEC_EACH (&(*s)->deps, dep) {
			if (dep->kind != DEP_FILE || !dep->abs_path)
				continue;
			AUTO(mem_freep) char *path = path_relative(dep->abs_path, ix->repo->root);

			value_set(a, v, path, recorded_value(a, &dep->rec));
		}
	}
	return v;
}

/* Metrics and plots are left out, as in DVC: they have columns of their own. */
static struct value *outs_value(struct index *ix, struct arena *a)
{
	struct value *v = value_map(a);

	VEC_EACH (&ix->stages, s) {
		VEC_EACH (&(*s)->outs, out) {
			if (out->kind != OUT_PLAIN || !out->abs_path)
				continue;
			AUTO(mem_freep) char *path = path_relative(out->abs_path, ix->repo->root);
			struct value *one = recorded_value(a, &out->rec);

			value_set(a, one, "use_cache", value_bool(a, out->cache));
			value_set(
				a, one, "is_data_source", value_bool(a, stage_is_data_source(*s)));
			value_set(a, v, path, one);
		}
	}
	return v;
}

/* Read the parameter or metric files of a revision. A file that cannot be read becomes an entry
 * with its error. */
static struct value *read_files(
	struct index *ix, const struct readings_opts *opts, readings_fn read, struct arena *a)
{
	struct readings r = {.rev = ""};

	read(ix, opts, a, &r);
	struct value *v = readings_to_value(&r, NULL, a);

	vec_release(&r.files);
	return v;
}

/* The "data" of a revision. The order of the keys is DVC's. */
static struct value *data_value(struct collector *c, struct index *ix, const struct exp_state *s)
{
	const struct readings_opts which = {.deps_only = c->opts->param_deps};
	struct arena *a = c->a;
	struct value *v = row_data_new(a, s->rev, s->time_s);

	value_set(a, v, "params", read_files(ix, &which, params_read, a));
	value_set(a, v, "metrics", read_files(ix, &which, metrics_read, a));
	value_set(a, v, "deps", deps_value(ix, a));
	value_set(a, v, "outs", outs_value(ix, a));
	value_set(a, v, "meta", value_map(a));
	return v;
}

static void set_error(struct collector *c, struct exp_state *s, const struct err *why)
{
	const struct reading_error e = readings_error(c->a, why);

	s->error_type = e.type;
	s->error = e.msg;
}

/* The state of the work tree at `root`: the user's, or that of a running task. */
static struct exp_state collect_workspace(struct collector *c, const char *root)
{
	struct exp_state s = {.rev = "workspace"};
	AUTO(err_release) struct err err = ERR_INIT;
	struct source source = source_workspace(root);
	/* the index of the user's work tree is shared with other parts of the command */
	bool ours = strcmp(root, c->x->repo->root) == 0;
	struct index *ix = NULL;
	int r = ours ? repo_index(c->x->repo, &ix, &err)
		     : index_load(c->x->repo, &source, &ix, &err);

	if (r < 0)
		set_error(c, &s, &err);
	else
		s.data = data_value(c, ix, &s);
	if (!ours)
		index_free(ix);
	return s;
}

/* Read what a commit records. A failure becomes an error of the state. */
static void read_commit(struct collector *c, const struct scm_id *id, struct exp_state *s)
{
	AUTO(err_release) struct err err = ERR_INIT;
	struct source_git source;
	struct index *ix = NULL;

	source_git_init(&source, c->x->scm, id, c->x->repo->root);
	if (index_load(c->x->repo, &source.source, &ix, &err) < 0)
		set_error(c, s, &err);
	else
		s->data = data_value(c, ix, s);

	index_free(ix);
	source_git_release(&source);
}

/* The state of a commit, remembered or read. An error becomes part of the state. `as_json`: its
 * data may be JSON. `*out_parent` (may be NULL) is its first parent; unset: there is none. */
static struct exp_state collect_commit(
	struct collector *c, const struct scm_id *id, bool as_json, struct scm_id *out_parent)
{
	struct exp_state s = {.rev = arena_strdup(c->a, id->hex)};
	AUTO(scm_commit_release) struct scm_commit commit = {0};
	AUTO(err_release) struct err err = ERR_INIT;
	struct row row = {0};
	/* with --force the row is read, and then remembered again */
	bool known = c->state && !c->opts->force && row_get(c->state, id, as_json, c->a, &row);

	if (known) {
		s.time_s = row.time_s;
		s.data = row.data;
	} else if (scm_commit_load(c->x->scm, id, &commit, &err) < 0) {
		set_error(c, &s, &err);
	} else {
		row.time_s = s.time_s = commit.time_s;
		if (commit.parents.count)
			row.parent = commit.parents.items[0];
		read_commit(c, id, &s);
		row.data = s.data;
		if (c->state && s.data)
			row_put(c->state, id, &row);
	}

	if (out_parent)
		*out_parent = row.parent;
	return s;
}

/* ---- experiments of a baseline ---- */

/* The executor of a task. `pid` 0 and `returncode` JOURNAL_RUNS become null. */
static struct value *executor_value(struct arena *a, const char *state, const char *name,
	const char *root, const char *log, long pid, int returncode, const char *task)
{
	struct value *v = value_map(a), *local = value_map(a);

	value_set(a, local, "root", value_string_or_null(a, root));
	value_set(a, local, "log", value_string_or_null(a, log));
	value_set(a, local, "pid", pid > 0 ? value_int(a, pid) : value_null(a));
	value_set(a, local, "returncode",
		returncode == JOURNAL_RUNS ? value_null(a) : value_int(a, returncode));
	value_set(a, local, "task_id", value_string_or_null(a, task));
	value_set(a, v, "state", value_string(a, state));
	value_set(a, v, "name", value_string_or_null(a, name));
	value_set(a, v, "local", local);
	return v;
}

/* Where a task of the queue runs or ran, if not on this machine. */
static void set_place(struct arena *a, struct value *executor, const struct queue_entry *e)
{
	AUTO(mem_freep) char *text = sent_place_text(&e->place);

	if (text)
		value_set(a, executor, "place", value_string(a, text));
}

static void journal_of(const struct collector *c, const struct queue_entry *e, struct journal *out)
{
	journal_init(out, c->x, EXP_IN_QUEUE, e->stash.hex);
}

/* The executor of a task that has ended. As in DVC, `local` is null when no process was noted. */
static struct value *ended_value(struct arena *a, const char *state, const char *name,
	const struct journal *j, const struct queue_entry *e)
{
	long pid = journal_former_process(j);
	struct value *v = executor_value(
		a, state, name, NULL, j->log, pid, journal_exit_status(j), e->stash.hex);

	if (pid <= 0)
		value_set(a, v, "local", value_null(a));
	set_place(a, v, e);
	return v;
}

/* Newest first; commits of the same second in descending order of their ids. */
static int newest_first(const void *a, const void *b)
{
	const struct exp_range *x = a, *y = b;
	const struct exp_state *s = x->revs.items, *t = y->revs.items;

	if (s->time_s != t->time_s)
		return s->time_s < t->time_s ? 1 : -1;
	return strcmp(t->rev, s->rev);
}

static void sort_from(struct exp_baseline *b, size_t first)
{
	if (b->experiments.count - first > 1)
		sort_array(b->experiments.items + first, b->experiments.count - first,
			sizeof(*b->experiments.items), newest_first);
}

/* What runs in the workspace or in a directory of its own is shown with the files that are there
 * now. */
static void add_active(struct collector *c, const struct scm_id *baseline, struct exp_baseline *out)
{
	VEC_EACH (&c->active, e) {
		bool here = e->where == EXP_IN_WORKSPACE;

		if (!scm_id_equal(&e->baseline, baseline))
			continue;
		struct exp_range *range = vec_push(&out->experiments);
		struct exp_state *s = vec_push(&range->revs);

		*s = here && c->workspace.rev ? c->workspace : collect_workspace(c, e->dvc_root);
		if (!here)
			s->rev = arena_strdup(c->a, e->stash.hex);
		range->name = s->name = arena_strdup(c->a, e->name);
		range->executor = executor_value(c->a, "running", exp_location_name(e->where),
			e->git_root, NULL, e->pid, JOURNAL_RUNS, NULL);
		/* DVC records no process for a run in a directory of its own */
		if (!here)
			value_set(c->a, range->executor, "local", value_null(c->a));
	}
}

/* A running task is shown with the present files of its work tree. */
static void add_running(
	struct collector *c, const struct scm_id *baseline, struct exp_baseline *out)
{
	VEC_EACH (&c->queue, e) {
		AUTO(journal_release) struct journal j = {0};
		AUTO(mem_freep) char *root = NULL;

		if (e->state != QUEUE_RUNNING || !scm_id_equal(&e->baseline, baseline))
			continue;
		journal_of(c, e, &j);
		root = journal_tree_root(&j, c->x);
		struct exp_range *range = vec_push(&out->experiments);
		struct exp_state *s = vec_push(&range->revs);

		*s = collect_workspace(c, root);
		s->rev = arena_strdup(c->a, e->stash.hex);
		range->name = s->name = arena_strdup(c->a, e->name);
		range->executor = executor_value(c->a, "running", "dvc-task", root, j.log,
			journal_process(&j) ? journal_process(&j) : journal_dvc_process(&j),
			JOURNAL_RUNS, e->stash.hex);
		set_place(c->a, range->executor, e);
	}
}

/* The executor of an experiment that came from the queue; NULL for one that did not. */
static struct value *success_executor(struct collector *c, const char *ref)
{
	VEC_EACH (&c->queue, e) {
		AUTO(journal_release) struct journal j = {0};

		if (e->state != QUEUE_SUCCESS || !e->result_ref || strcmp(e->result_ref, ref) != 0)
			continue;
		journal_of(c, e, &j);
		return ended_value(c->a, "success", "dvc-task", &j, e);
	}
	return NULL;
}

static int add_finished(struct collector *c, const struct scm_id *baseline,
	struct exp_baseline *out, struct err *err)
{
	AUTO(exprefs_release) struct exprefs refs = {0};
	int r = exprefs_load(c->x->scm, baseline, &refs, err);

	VEC_EACH (&refs, e) {
		struct exp_range range = {.name = arena_strdup(c->a, e->name),
			.executor = success_executor(c, e->ref)};
		struct scm_id id = e->tip;

		/* all commits from the tip down to the baseline */
		for (int n = 0; n < MAX_CHAIN && scm_id_is_set(&id) && !scm_id_equal(&id, baseline);
			n++)
			*vec_push(&range.revs) = collect_commit(c, &id, c->opts->as_json, &id);
		if (!range.revs.count)
			continue; /* as in DVC, a ref to the baseline itself is no experiment */
		range.revs.items[0].name = range.name;
		*vec_push(&out->experiments) = range;
	}

	return r;
}

/* Queued and failed tasks. The metrics of a queued one are left out, as they are still those of its
 * baseline. */
static void add_tasks(struct collector *c, const struct scm_id *baseline, enum queue_state state,
	struct exp_baseline *out)
{
	VEC_EACH (&c->queue, e) {
		AUTO(journal_release) struct journal j = {0};

		if (e->state != state || !scm_id_equal(&e->baseline, baseline))
			continue;
		journal_of(c, e, &j);
		struct exp_range *range = vec_push(&out->experiments);
		struct exp_state *s = vec_push(&range->revs);

		*s = collect_commit(c, &e->stash, false, NULL);
		range->name = s->name = arena_strdup(c->a, e->name);
		if (state == QUEUE_QUEUED) {
			if (s->data)
				value_set(c->a, s->data, "metrics", value_map(c->a));
			range->executor = executor_value(c->a, "queued", "dvc-task", NULL, NULL, 0,
				JOURNAL_RUNS, e->stash.hex);
			set_place(c->a, range->executor, e);
		} else {
			s->error = "Experiment run failed";
			s->error_type = "";
			range->executor = ended_value(c->a, "failed", NULL, &j, e);
		}
	}
}

static int collect_baseline(
	struct collector *c, const struct scm_id *id, struct exp_table *out, struct err *err)
{
	struct exp_baseline *b = vec_push(&out->baselines);
	size_t first;
	int r;

	b->state = collect_commit(c, id, c->opts->as_json, NULL);
	if (c->names && scm_names_get(c->names, id))
		b->state.name = arena_strdup(c->a, scm_names_get(c->names, id));
	/* four groups, each sorted by itself */
	add_active(c, id, b);
	add_running(c, id, b);
	sort_from(b, 0);
	first = b->experiments.count;
	r = add_finished(c, id, b, err);
	sort_from(b, first);
	first = b->experiments.count;
	if (!c->opts->hide_queued)
		add_tasks(c, id, QUEUE_QUEUED, b);
	sort_from(b, first);
	first = b->experiments.count;
	if (!c->opts->hide_failed)
		add_tasks(c, id, QUEUE_FAILED, b);
	sort_from(b, first);
	return r;
}

static void open_state(struct collector *c)
{
	struct data *data;

	if (repo_data(c->x->repo, &data, NULL) < 0)
		return;
	data->no_remote = c->opts->no_fetch;
	/* what is remembered has all parameters */
	if (c->opts->param_deps)
		return;
	c->state = data->state;
	state_read_begin(c->state);
}

int exp_show(
	struct exp *x, const struct exp_show_opts *opts, struct exp_table *out, struct err *err)
{
	AUTO(scm_revs_release) struct scm_revs revs = {0};
	AUTO(strlist_release) struct strlist head = STRLIST_INIT;
	struct collector c = {.x = x, .opts = opts, .a = &out->arena};
	/* options such as --all-branches are not in addition to HEAD, but instead of it */
	bool any = (opts->revs && opts->revs->count) || opts->all_branches || opts->all_tags ||
		   opts->all_commits;
	int r;

	strlist_add(&head, "HEAD");
	r = scm_revs_collect(x->scm,
		&(struct scm_revs_opts){.revs = any ? opts->revs : &head,
			.num = opts->num,
			.all_branches = opts->all_branches,
			.all_tags = opts->all_tags,
			.all_commits = opts->all_commits},
		&revs, err);
	if (r == 0)
		r = queue_load(x, &c.queue, err);
	if (r == 0)
		active_load(x, &c.active);
	if (r == 0)
		open_state(&c);
	if (r == 0 && !opts->sha_only)
		r = scm_names_load(x->scm, &c.names, err);
	if (r == 0 && !opts->hide_workspace)
		vec_push(&out->baselines)->state = c.workspace = collect_workspace(
			&c, x->repo->root);
	for (size_t i = 0; i < revs.count && r == 0; i++)
		r = collect_baseline(&c, &revs.items[i].id, out, err);
	if (c.state)
		state_read_end(c.state);
	queue_entries_release(&c.queue);
	actives_release(&c.active);
	scm_names_free(c.names);
	return r;
}

void exp_table_release(struct exp_table *t)
{
	VEC_EACH (&t->baselines, b) {
		VEC_EACH (&b->experiments, e)
			vec_release(&e->revs);
		vec_release(&b->experiments);
	}
	vec_release(&t->baselines);
	arena_release(&t->arena);
}

/* ---- JSON ---- */

/* Exactly one of "data" and "error" is not null, except for failed tasks, which may have both. */
static struct value *state_value(struct arena *a, const struct exp_state *s)
{
	struct value *v = value_map(a), *error = value_map(a);

	value_set(a, v, "rev", value_string(a, s->rev));
	value_set(a, v, "name", value_string_or_null(a, s->name));
	value_set(a, v, "data", s->data ? s->data : value_null(a));
	if (s->error) {
		value_set(a, error, "msg", value_string(a, s->error));
		value_set(a, error, "type", value_string(a, s->error_type));
	}
	value_set(a, v, "error", s->error ? error : value_null(a));
	value_set(a, v, "experiments", value_null(a));
	if (s->notes) /* readers of DVC's form pass over it */
		value_set(a, v, "cairn", s->notes);
	return v;
}

struct value *exp_table_to_value(const struct exp_table *t, struct arena *a)
{
	struct value *list = value_list(a);

	VEC_EACH (&t->baselines, b) {
		struct value *v = state_value(a, &b->state), *experiments = value_list(a);

		VEC_EACH (&b->experiments, e) {
			struct value *one = value_map(a), *revs = value_list(a);

			VEC_EACH (&e->revs, s)
				value_append(a, revs, state_value(a, s));
			value_set(a, one, "revs", revs);
			value_set(a, one, "executor", e->executor ? e->executor : value_null(a));
			value_set(a, one, "name", value_string_or_null(a, e->name));
			value_append(a, experiments, one);
		}
		if (b->experiments.count)
			value_set(a, v, "experiments", experiments);
		value_append(a, list, v);
	}

	return list;
}
