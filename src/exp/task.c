/* Writes tasks as commits and reads them back, those of DVC too. */
#include "exp/task.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "exp/pickle.h"
#include "scm/worktree.h"
#include "text/json.h"

#define SUBJECT_PREFIX "dvc-exp:"

/* Names of flags in the message -> fields. The names are also DVC's keyword arguments. */
static const struct {
	const char *name;
	size_t offset;
} flag_names[] = {
#define FLAG(name)                                                                                 \
	{                                                                                          \
#name, offsetof(struct exp_flags, name)                                            \
	}
	FLAG(force),
	FLAG(interactive),
	FLAG(single_item),
	FLAG(pipeline),
	FLAG(all_pipelines),
	FLAG(recursive),
	FLAG(downstream),
	FLAG(force_downstream),
	FLAG(pull),
	FLAG(allow_missing),
	FLAG(dry),
	FLAG(keep_going),
	FLAG(ignore_errors),
	FLAG(no_commit),
	FLAG(no_run_cache),
	FLAG(glob),
#undef FLAG
};

static bool *flag_at(struct exp_flags *flags, size_t i)
{
	return (bool *)((char *)flags + flag_names[i].offset);
}

void exp_task_release(struct exp_task *t)
{
	free(t->name);
	free(t->message);
	free(t->wdir);
	strlist_release(&t->targets);
	strlist_release(&t->copy_paths);
	strlist_release(&t->resources);
	strlist_release(&t->needs);
	free(t->gpus);
	*t = (struct exp_task){0};
}

void exp_tasks_release(struct exp_tasks *tasks)
{
	VEC_EACH (tasks, t)
		exp_task_release(t);
	vec_release(tasks);
}

void exp_task_repro_opts(const struct exp_task *t, struct repro_opts *out)
{
	const struct exp_flags *f = &t->flags;

	out->run.force = f->force;
	out->run.interactive = f->interactive;
	out->run.dry = f->dry;
	out->run.no_commit = f->no_commit;
	out->run.no_run_cache = f->no_run_cache;
	out->run.allow_missing = f->allow_missing;
	out->run.pull = f->pull;
	out->targets = &t->targets;
	out->single_item = f->single_item;
	out->pipeline = f->pipeline;
	out->all_pipelines = f->all_pipelines;
	out->recursive = f->recursive;
	out->downstream = f->downstream;
	out->force_downstream = f->force_downstream;
	out->glob = f->glob;
	out->jobs = t->jobs;
	out->output = t->group_output ? OUTPUT_GROUP : OUTPUT_LINE;
	out->resources = &t->resources;
	out->on_error = f->ignore_errors ? REPRO_IGNORE
			: f->keep_going  ? REPRO_KEEP_GOING
					 : REPRO_FAIL;
}

char *exp_task_subject(const struct exp_task *t)
{
	return mem_printf(SUBJECT_PREFIX "%s:%s:%s", t->head.hex, t->baseline.hex, t->name);
}

static struct value *list_value(struct arena *a, const struct strlist *list)
{
	struct value *v = value_list(a);

	for (size_t i = 0; i < list->count; i++)
		value_append(a, v, value_string(a, list->items[i]));
	return v;
}

/* The body of the message: one line of JSON with the fields that differ from their defaults. */
static void add_facts(struct buf *out, const struct exp_task *t)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct exp_flags flags = t->flags;
	struct value *facts = value_map(&a);

	/* a copy of the flags, as flag_at() returns a writable field */
	for (size_t i = 0; i < ARRAY_SIZE(flag_names); i++)
		if (*flag_at(&flags, i))
			value_set(&a, facts, flag_names[i].name, value_bool(&a, true));

	if (t->message)
		value_set(&a, facts, "message", value_string(&a, t->message));
	if (t->wdir && *t->wdir)
		value_set(&a, facts, "wdir", value_string(&a, t->wdir));
	if (t->targets.count)
		value_set(&a, facts, "targets", list_value(&a, &t->targets));
	if (t->copy_paths.count)
		value_set(&a, facts, "copy_paths", list_value(&a, &t->copy_paths));
	if (t->resources.count)
		value_set(&a, facts, "resources", list_value(&a, &t->resources));
	if (t->needs.count)
		value_set(&a, facts, "needs", list_value(&a, &t->needs));
	if (t->max_time_s > 0)
		value_set(&a, facts, "max_time", value_int(&a, t->max_time_s));
	if (t->retries > 0)
		value_set(&a, facts, "retries", value_int(&a, t->retries));
	if (t->jobs > 1)
		value_set(&a, facts, "jobs", value_int(&a, t->jobs));
	if (t->group_output)
		value_set(&a, facts, "group_output", value_bool(&a, true));
	(void)json_write(out, facts, NULL, NULL); /* cannot fail for text, integers and booleans */
}

/* A stash of Git consists of two commits; this is the inner one, of the index. */
int exp_base_take(struct exp *x, struct exp_base *out, struct err *err)
{
	AUTO(mem_freep) char *on_index = mem_printf(
		"index on %s", x->branch ? x->branch : "(no branch)");
	AUTO(scm_commit_release) struct scm_commit head = {0};
	const struct strlist none = STRLIST_INIT;
	int r = scm_commit_load(x->scm, &x->head, &head, err);

	if (r == 0)
		r = worktree_write_tree(x->scm, &none, NULL, NULL, &out->tree, err);
	return r < 0 ? r
		     : scm_write_commit(
			       x->scm, &head.tree, &x->head, 1, on_index, &out->index_commit, err);
}

int exp_task_store(struct exp *x, struct exp_task *t, const struct exp_base *base,
	const struct scm_change *params, size_t param_count, struct err *err)
{
	AUTO(mem_freep) char *subject = exp_task_subject(t);
	AUTO(buf_release) struct buf message = BUF_INIT;
	/* the parents of a stash: HEAD, then the commit of the index */
	struct scm_id tree = base->tree, parents[2] = {x->head, base->index_commit};
	int r = param_count ? scm_write_tree(x->scm, &base->tree, params, param_count, &tree, err)
			    : 0;

	if (r < 0)
		return r;
	buf_addf(&message, "%s\n\n", subject);
	add_facts(&message, t);
	buf_addc(&message, '\n');
	return scm_write_commit(x->scm, &tree, parents, 2, buf_str(&message), &t->stash, err);
}

/* "dvc-exp:<head>:<baseline>:<name>[:<branch>]", with full ids. The branch is ignored. */
static bool parse_subject(const char *subject, struct exp_task *t)
{
	const char *at = subject + strlen(SUBJECT_PREFIX);

	/* two ids of 40 digits, a colon after each */
	if (!str_starts(subject, SUBJECT_PREFIX) || strlen(at) < 82 || at[40] != ':' ||
		at[81] != ':')
		return false;
	memcpy(t->head.hex, at, 40);
	memcpy(t->baseline.hex, at + 41, 40);
	t->head.hex[40] = t->baseline.hex[40] = '\0';
	t->name = mem_strndup(at + 82, strcspn(at + 82, ":"));
	return scm_is_full_id(t->head.hex) && scm_is_full_id(t->baseline.hex);
}

/* Items that are no strings are skipped: the message may be written by someone else. */
static void add_strings(struct strlist *out, const struct value *list)
{
	for (size_t i = 0; value_is_list(list) && i < value_count(list); i++)
		if (value_str(list->list.items[i].value))
			strlist_add(out, value_str(list->list.items[i].value));
}

/* 0 for anything but a number from 0 to `most`. */
static int64_t count_of(const struct value *facts, const char *key, int64_t most)
{
	const struct value *v = value_get(facts, key);

	if (!value_is(v, VALUE_INT) || v->integer.big || v->integer.number < 0)
		return 0;
	return MIN(v->integer.number, most);
}

/* Both kinds of tasks use the same keys. DVC allows a single string as targets. */
static void take_facts(struct exp_task *t, const struct value *facts)
{
	const char *message = value_get_str(facts, "message");
	const char *wdir = value_get_str(facts, "wdir");
	const char *target = value_get_str(facts, "targets");

	for (size_t i = 0; i < ARRAY_SIZE(flag_names); i++)
		*flag_at(&t->flags, i) = value_get_bool(facts, flag_names[i].name);
	if (message)
		t->message = mem_strdup(message);
	t->wdir = mem_strdup(wdir ? wdir : "");
	if (target)
		strlist_add(&t->targets, target);
	add_strings(&t->targets, value_get(facts, "targets"));
	add_strings(&t->copy_paths, value_get(facts, "copy_paths"));
	add_strings(&t->resources, value_get(facts, "resources"));
	add_strings(&t->needs, value_get(facts, "needs"));
	t->group_output = value_get_bool(facts, "group_output");
	t->max_time_s = count_of(facts, "max_time", MAX_TIME_S);
	t->retries = (int)count_of(facts, "retries", MAX_RETRIES);
	if (value_is(value_get(facts, "jobs"), VALUE_INT))
		t->jobs = (int)value_number(value_get(facts, "jobs"));
}

/* DVC puts the arguments of repro into the tree, as a Python pickle: {"args": ..., "kwargs":
 * {...}}. Without the file all options have their defaults. */
static int load_dvc_facts(
	struct exp *x, struct exp_task *t, struct arena *a, struct value **out, struct err *err)
{
	AUTO(mem_freep) char *dvc = path_relative(x->repo->dvc_dir, scm_root(x->scm));
	AUTO(mem_freep) char *path = path_join(dvc, "tmp/repro.dat");
	AUTO(buf_release) struct buf bytes = BUF_INIT;
	struct value *whole = NULL;
	int r = scm_read_file(x->scm, &t->stash, path, &bytes, NULL);

	*out = value_map(a);
	if (r == ERR_NOT_FOUND)
		return 0;
	r = pickle_load(a, bytes.ptr, bytes.len, &whole, err);
	if (r < 0)
		return err_wrap(err, r, "unable to read the queued experiment '%s'", t->name);
	if (value_get(whole, "kwargs"))
		*out = value_get(whole, "kwargs");
	return 0;
}

int exp_task_load(struct exp *x, const struct scm_id *stash, struct exp_task *out, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(scm_commit_release) struct scm_commit commit = {0};
	AUTO(exp_task_release) struct exp_task t = {.stash = *stash};
	AUTO(mem_freep) char *subject = NULL;
	struct value *facts = NULL;
	const char *body;
	int r = scm_commit_load(x->scm, stash, &commit, err);

	if (r < 0)
		return r;

	subject = scm_commit_subject(&commit);
	if (!parse_subject(subject, &t))
		return err_set(err, ERR_PARSE, "'%.7s' is not a queued experiment", stash->hex);

	/* cairn's tasks have JSON in the message, DVC's have not */
	body = strstr(commit.message, "\n\n{");
	if (body)
		r = json_parse(&a, body + 2, strlen(body + 2), &facts, err);
	else
		r = load_dvc_facts(x, &t, &a, &facts, err);
	if (r < 0)
		return r;

	take_facts(&t, facts);
	t.of_dvc = !body;
	*out = TAKE(t);
	return 0;
}
