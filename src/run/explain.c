/*
 * The prediction itself. It goes through the steps of a run in order and decides for each what
 * stage_begin() would decide. The difference: the outputs of earlier steps are not there yet, so
 * the tables of `struct made` stand for them. explain_data.c compares the data of single paths, and
 * explain_time.c estimates times.
 */
#include "run/explain.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/path.h"
#include "project/dvcfile.h"
#include "project/index.h"
#include "run/explain_int.h"
#include "run/runs.h"

/* An earlier stage makes this path again. A directory that contains outputs has a chain of these.
 */
struct made {
	size_t stage;               /* index into explanation.stages */
	const struct recorded *rec; /* the data that will be there; NULL: not known yet */
	struct made *next;
};

enum force { FORCE_NO, FORCE_MAYBE, FORCE_YES };

struct foresight {
	struct repo *repo;
	struct data *d;
	struct index *ix;
	struct graph *graph; /* NULL with single_item */
	const struct repro_opts *opts;
	struct explanation *e;
	struct map outs;   /* absolute path of an output -> struct made */
	struct map around; /* absolute path of a directory that contains such outputs -> the same */
	enum force *forced; /* by stage->order */
	size_t *place;      /* by stage->order: index into e->stages */
	struct arena scratch;
};

/* The stage that is being decided. */
struct judged {
	struct foresight *f;
	size_t at; /* its index in e->stages; an index, as the array may move */
	const struct recorded *
		*dep_made; /* by dependency: the data that will be there, if it is known */
	bool *dep_open;    /* by dependency: it will be made again, with unknown content */
};

const char *explain_action_name(enum explain_action action)
{
	static const char *const names[] = {
		"skip", "run", "restore", "maybe", "verify", "import", "pull", "fail"};
	return names[action];
}

const char *explain_cache_name(enum explain_cache cache)
{
	static const char *const names[] = {NULL, "off", "hit", "miss", "unknown"};
	return names[cache];
}

void explanation_release(struct explanation *e)
{
	VEC_EACH (&e->stages, s) {
		free(s->since.subject);
		vec_release(&s->changes);
		vec_release(&s->upstream);
	}
	vec_release(&e->stages);
	vec_release(&e->critical);
	arena_release(&e->arena);
}

/* ---- outputs of earlier stages ---- */

static void add_made(struct foresight *f, struct map *to, const char *path, size_t len,
	size_t stage, const struct recorded *rec)
{
	struct made *m = ARENA_NEW(&f->scratch, struct made);
	*m = (struct made){stage, rec, map_getn(to, path, len)};
	map_setn(to, path, len, m);
}

/* Note that the outputs of the stage will differ from the workspace. `known` is the stage with the
 * recorded outputs that will be there; NULL: their content is not known before it ran. */
static void will_make(struct foresight *f, size_t at, const struct stage *known)
{
	const struct stage *s = f->e->stages.items[at].stage;
	size_t root = strlen(f->repo->root);
	for (size_t i = 0; i < s->outs.count; i++) {
		const char *path = s->outs.items[i].abs_path;
		if (!path)
			continue;
		add_made(f, &f->outs, path, strlen(path), at,
			known ? &known->outs.items[i].rec : NULL);
		if (!path_inside(path, f->repo->root))
			continue;
		for (const char *p = strchr(path + root + 1, '/'); p; p = strchr(p + 1, '/'))
			add_made(f, &f->around, path, (size_t)(p - path), at, NULL);
	}
}

/* One entry per stage is enough: the first dependency is shown. */
static void add_upstream(struct judged *j, const struct dep *dep, const struct made *m)
{
	struct explain_stage *mine = &j->f->e->stages.items[j->at];
	VEC_EACH (&mine->upstream, u)
		if (u->stage == m->stage)
			return;
	*vec_push(&mine->upstream) = (struct explain_upstream){m->stage, dep->path};
}

/* Does an earlier stage make the dependency: as its output, an output around it, or outputs in it?
 * Only in the first case can its content be known. */
static void see_upstream_of(struct judged *j, const struct dep *dep, size_t i)
{
	const char *path = dep->abs_path;
	const struct made *m = map_get(&j->f->outs, path);
	if (m && m->rec && dep->kind == DEP_FILE) {
		j->dep_made[i] = m->rec;
		return;
	}
	for (const char *p = strchr(path + 1, '/'); !m && p; p = strchr(p + 1, '/'))
		m = map_getn(&j->f->outs, path, (size_t)(p - path));
	if (!m)
		m = map_get(&j->f->around, path);
	for (; m; m = m->next) {
		j->dep_open[i] = true;
		add_upstream(j, dep, m);
	}
}

static void see_upstream(struct judged *j, const struct stage *s)
{
	j->dep_made = ARENA_ARRAY(&j->f->scratch, const struct recorded *, s->deps.count + 1);
	j->dep_open = ARENA_ARRAY(&j->f->scratch, bool, s->deps.count + 1);
	for (size_t i = 0; i < s->deps.count && !s->frozen; i++) {
		const struct dep *dep = &s->deps.items[i];
		if (dep->abs_path && dep->kind != DEP_REPO && dep->kind != DEP_DB)
			see_upstream_of(j, dep, i);
	}
}

/* ---- changes ---- */

/* The run would fail with this error. Keep the message, joined to one line, and return 0: the
 * prediction goes on with the next stage. */
static int will_fail(struct judged *j, struct err *why)
{
	struct explain_stage *mine = &j->f->e->stages.items[j->at];
	mine->action = EXPLAIN_FAIL;

	/* the message of a busy path ends with advice, after an empty line */
	const char *end = strstr(why->msg, "\n\n");
	AUTO(mem_freep) char *lines = mem_strndup(
		why->msg, end ? (size_t)(end - why->msg) : strlen(why->msg));
	AUTO(buf_release) struct buf text = BUF_INIT;

	for (const char *c = lines; *c; c++) {
		buf_addc(&text, *c == '\n' ? ' ' : *c);
		if (*c == '\n')
			c += strspn(c + 1, " ");
	}

	mine->error = arena_strdup(&j->f->e->arena, buf_str(&text));
	err_release(why);
	return 0;
}

static struct explain_change *add_change(
	struct judged *j, enum change_kind kind, enum entry_state state)
{
	struct explain_change *c = vec_push(&j->f->e->stages.items[j->at].changes);
	const struct explain_data none = {NULL, -1, -1};
	*c = (struct explain_change){
		.kind = kind, .state = state, .old_data = none, .new_data = none};
	return c;
}

static const char *keep(struct judged *j, char *text)
{
	const char *kept = arena_strdup(&j->f->e->arena, text);
	free(text);
	return kept;
}

static void tell_command(struct judged *j, const struct stage *s)
{
	struct explain_change *c = add_change(j, CHANGE_COMMAND, ENTRY_MODIFIED);
	/* the stage itself does not keep the command of its lock entry */
	const struct pipeline *p = s->name ? map_get(&j->f->ix->by_file, s->file) : NULL;
	if (p)
		c->old_value = value_get(value_get(value_get(p->lock, "stages"), s->name), "cmd");
	c->new_value = s->cmd;
}

static void tell_params(struct judged *j, const struct stage_change *change)
{
	struct arena *a = &j->f->e->arena;
	const char *path = keep(j, repo_display(j->f->repo, change->dep->abs_path));
	if (!change->params_now)
		add_change(j, CHANGE_PARAMS, change->state)->path = path;
	VEC_EACH (&change->params, param) {
		const struct value *now = value_get(change->params_now, param->name);
		struct explain_change *c = add_change(j, CHANGE_PARAMS, param->state);
		c->path = path;
		c->name = arena_strdup(a, param->name);
		c->old_value = value_get(change->dep->locked, param->name);
		c->new_value = now ? value_copy(a, now) : NULL;
	}
}

static void tell_dep(struct judged *j, const struct dep *dep, enum entry_state state,
	const struct recorded *made)
{
	if (state == ENTRY_MODIFIED && !dep->rec.hash)
		state = ENTRY_NEW;
	struct explain_change *c = add_change(j, CHANGE_DEP, state);
	c->path = keep(j, dep_display(j->f->repo, dep));
	explain_data_of_dep(j->f->d, &j->f->e->arena, dep, made, c);
}

static void tell_out(struct judged *j, const struct stage_change *change)
{
	struct explain_change *c = add_change(j, CHANGE_OUT, change->state);
	c->path = keep(j, out_display(j->f->repo, change->out));
	explain_data_of_out(j->f->d, &j->f->e->arena, change->out, c);
}

static int collect(
	void *ctx, const struct stage *s, const struct stage_change *change, struct err *err)
{
	struct judged *j = ctx;
	size_t dep = change->dep ? (size_t)(change->dep - s->deps.items) : 0;

	(void)err;

	/* an earlier stage will replace this dependency, so its present content does not matter */
	if (change->dep && (j->dep_open[dep] || j->dep_made[dep]))
		return STAGE_SAME;

	switch (change->kind) {
	case CHANGE_COMMAND:
		tell_command(j, s);
		break;
	case CHANGE_PARAMS:
		tell_params(j, change);
		break;
	case CHANGE_DEP:
		tell_dep(j, change->dep, change->state, NULL);
		break;
	case CHANGE_OUT:
		tell_out(j, change);
		break;
	case CHANGE_CHECKSUM:
	case CHANGE_ALWAYS:
		(void)add_change(j, change->kind, ENTRY_MODIFIED);
		break;
	}
	return STAGE_SAME;
}

static int find_changes(struct judged *j, const struct stage *s, struct err *err)
{
	unsigned flags = j->f->opts->run.allow_missing ? DIFF_ALLOW_MISSING : 0;
	int r = stage_diff(j->f->d, s, flags, collect, j, err);
	for (size_t i = 0; r >= 0 && i < s->deps.count; i++) {
		const struct dep *dep = &s->deps.items[i];
		struct oid is, was = recorded_oid(&dep->rec);
		if (!j->dep_made[i])
			continue;
		is = recorded_oid(j->dep_made[i]);
		if (!oid_is_set(&is) || !oid_equal(&is, &was))
			tell_dep(j, dep, ENTRY_MODIFIED, j->dep_made[i]);
	}
	return r;
}

/* ---- actions ---- */

static bool deps_differ(const struct explain_stage *mine)
{
	VEC_EACH (&mine->changes, c)
		if (c->kind == CHANGE_DEP || c->kind == CHANGE_PARAMS || c->kind == CHANGE_ALWAYS)
			return true;
	return false;
}

/* A copy of the stage, with its dependencies recorded as they will be when it runs. Those with
 * unknown content are left as they are. The caller releases its `deps`, after a failure too. */
static int with_deps(
	struct judged *j, const struct stage *s, bool lookup, struct stage *out, struct err *err)
{
	int r = 0;
	*out = *s;
	memset(&out->deps, 0, sizeof(out->deps));
	for (size_t i = 0; r >= 0 && i < s->deps.count; i++) {
		struct dep *dep = vec_push(&out->deps);
		*dep = s->deps.items[i];
		if (j->dep_made[i])
			dep->rec = *j->dep_made[i];
		else if (!j->dep_open[i])
			r = stage_save_dep(j->f->d, &j->f->e->arena, dep,
				lookup ? SAVE_DEPS_FOR_LOOKUP : SAVE_DEPS_ALL, NULL, err);
	}
	return r;
}

/* The stage has to be reproduced. Will it run, or be restored from dvc.lock (`own`) or the
 * run-cache? The same decision as in restore_or_run() (stage_run.c). */
static int judge_run(struct judged *j, const struct stage *s, struct err *err)
{
	struct foresight *f = j->f;
	struct explain_stage *mine = &f->e->stages.items[j->at];
	struct run_opts opts = f->opts->run;
	struct stage copy;
	const struct value *entry = NULL;
	bool can = runs_can_hash(s);
	bool own = can && !mine->upstream.count && stage_has_result(s) && !deps_differ(mine);

	mine->action = EXPLAIN_RUN;
	if (mine->forced) {
		mine->cache = EXPLAIN_CACHE_OFF;
		return 0;
	}

	opts.dry = true;
	int r = with_deps(j, s, can && !opts.no_run_cache, &copy, err);
	if (r < 0)
		r = will_fail(j, err);
	else if (can && (mine->upstream.count || opts.pull))
		mine->cache = EXPLAIN_CACHE_UNKNOWN;
	else if (can) {
		r = stage_result(f->d, &f->e->arena, own ? s : &copy, own, &opts, &entry, err);
		mine->cache = entry                       ? EXPLAIN_CACHE_HIT
			      : opts.no_run_cache && !own ? EXPLAIN_CACHE_OFF
							  : EXPLAIN_CACHE_MISS;
	}

	vec_release(&copy.deps);
	if (!entry)
		return r;

	/* later stages see the restored outputs; this copy lives as long as the prediction */
	mine->action = EXPLAIN_RESTORE;
	struct stage *made = runs_stage_of_entry(&f->scratch, s, entry);
	struct stage *kept = ARENA_NEW(&f->scratch, struct stage);

	*kept = *made;
	kept->outs.items = ARENA_ARRAY(&f->scratch, struct out, made->outs.count + 1);
	memcpy(kept->outs.items, made->outs.items, made->outs.count * sizeof(*made->outs.items));
	vec_release(&made->outs);
	will_make(f, j->at, kept);
	return r;
}

/* With --pull: is missing data the only change? */
static bool can_pull(const struct judged *j)
{
	const struct explain_stage *mine = &j->f->e->stages.items[j->at];
	if (!j->f->opts->run.pull || mine->forced || mine->never_ran || mine->upstream.count)
		return false;
	VEC_EACH (&mine->changes, c)
		if (c->state != ENTRY_DELETED && c->state != ENTRY_NOT_IN_CACHE)
			return false;
	return true;
}

static int judge_changed(struct judged *j, const struct stage *s, struct err *err)
{
	struct explain_stage *mine = &j->f->e->stages.items[j->at];
	bool partial = stage_is_import(s) && !s->outs.items[0].rec.hash;

	if (can_pull(j))
		mine->action = EXPLAIN_PULL;
	else if (stage_is_import(s) && (!s->frozen || partial))
		mine->action = EXPLAIN_IMPORT;
	else if (!s->cmd || s->frozen)
		mine->action = EXPLAIN_VERIFY;
	else
		return judge_run(j, s, err);

	if (mine->action == EXPLAIN_PULL)
		will_make(j->f, j->at, s);
	if (mine->action == EXPLAIN_VERIFY && stage_check_outs(j->f->d, s, err) < 0)
		return will_fail(j, err);

	return 0;
}

/* --force-downstream: stages that depend on a stage that runs are forced, unless they are frozen.
 */
static void pass_force(struct foresight *f, struct explain_stage *mine)
{
	bool runs = mine->action != EXPLAIN_SKIP && mine->action != EXPLAIN_PULL &&
		    mine->action != EXPLAIN_FAIL;
	if (!f->graph || !f->opts->force_downstream || (!runs && !mine->forced))
		return;
	enum force force = mine->action == EXPLAIN_MAYBE ? FORCE_MAYBE : FORCE_YES;
	VEC_EACH (graph_dependents(f->graph, mine->stage), next)
		if (!(*next)->frozen)
			f->forced[(*next)->order] = MAX(f->forced[(*next)->order], force);
}

static int judge(struct foresight *f, struct stage *s, struct err *err)
{
	struct judged j = {.f = f, .at = f->e->stages.count};
	struct explain_stage *mine = vec_push(&f->e->stages);

	f->place[s->order] = j.at;
	mine->stage = s;
	mine->name = keep(&j, stage_addressing(s, f->repo->cwd));
	mine->forced = f->forced[s->order] == FORCE_YES;
	see_upstream(&j, s);

	int r = mine->forced ? 0 : stage_check_free(f->d, s, err);
	if (r == ERR_LOCKED) { /* do not hash files that another process is writing */
		will_make(f, j.at, NULL);
		return will_fail(&j, err);
	}

	if (r >= 0)
		r = find_changes(&j, s, err);
	if (r < 0)
		return r;

	bool changed = mine->changes.count || mine->forced;
	/* repro asks the source of an import for a newer revision; no network is used here */
	bool asks = !s->frozen && stage_is_repo_import(s);

	/* everything is new then, so that a list of changes says nothing */
	mine->never_ran = s->name && !s->locked;
	if (mine->never_ran)
		mine->changes.count = 0;
	if (changed)
		r = judge_changed(&j, s, err);
	else if (mine->upstream.count || asks || f->forced[s->order] == FORCE_MAYBE)
		mine->action = EXPLAIN_MAYBE;

	if (mine->action == EXPLAIN_MAYBE && runs_can_hash(s) && !f->opts->run.no_run_cache)
		mine->cache = EXPLAIN_CACHE_UNKNOWN;
	if (mine->action == EXPLAIN_RUN || mine->action == EXPLAIN_MAYBE ||
		mine->action == EXPLAIN_IMPORT || mine->action == EXPLAIN_FAIL)
		will_make(f, j.at, NULL);
	pass_force(f, mine);
	return r;
}

/* ---- age of the records ---- */

static void find_since(struct foresight *f)
{
	VEC(struct since_query) queries = {0};
	VEC(size_t) places = {0};
	for (size_t i = 0; i < f->e->stages.count; i++) {
		const struct explain_stage *s = &f->e->stages.items[i];
		if (!s->changes.count || !s->stage->name || !s->stage->locked)
			continue;
		*vec_push(&queries) = (struct since_query){.stage = s->stage};
		*vec_push(&places) = i;
	}
	since_find(f->repo, queries.items, queries.count);
	for (size_t i = 0; i < queries.count; i++)
		f->e->stages.items[places.items[i]].since = queries.items[i].since;
	vec_release(&queries);
	vec_release(&places);
}

static int foresee(struct foresight *f, struct err *err)
{
	struct stage_list steps = {0};
	int r = repro_plan(f->ix, f->opts, &f->graph, &steps, err);

	f->forced = mem_zalloc((f->ix->stages.count + 1) * sizeof(*f->forced));
	f->place = mem_array(NULL, f->ix->stages.count + 1, sizeof(*f->place));
	memset(f->place, 0xff, (f->ix->stages.count + 1) * sizeof(*f->place));
	VEC_EACH (&steps, s)
		if (f->opts->run.force)
			f->forced[(*s)->order] = FORCE_YES;

	VEC_EACH (&steps, s)
		if (r >= 0)
			r = judge(f, *s, err);

	vec_release(&steps);
	if (r < 0)
		return r;

	explain_times(f->d, f->graph, f->place, f->opts->jobs, f->e);
	find_since(f);
	return 0;
}

int explain(
	struct repo *repo, const struct repro_opts *opts, struct explanation *out, struct err *err)
{
	struct foresight f = {.repo = repo, .opts = opts, .e = out};
	int r = repo_index(repo, &f.ix, err);
	if (r >= 0)
		r = repo_data(repo, &f.d, err);
	if (r >= 0) {
		for (size_t i = 0; i < f.ix->warnings.count; i++)
			progress_warn(opts->run.progress, "%s", f.ix->warnings.items[i]);
		/* the old listings of directories are needed to say which files differ, now and
		 * the next time: hashing must not replace them */
		state_keep_snapshots(f.d->state);
		r = foresee(&f, err);
	}

	graph_free(f.graph);
	map_release(&f.outs);
	map_release(&f.around);
	arena_release(&f.scratch);
	free(f.forced);
	free(f.place);
	return r;
}
