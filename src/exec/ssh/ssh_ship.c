/* Sends a job to its host: the commit by git, objects by the transfer engine, and the question that
 * has the work tree made. All of it may be repeated. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "data/used.h"
#include "exec/ssh/ssh_int.h"
#include "scm/expref.h"
#include "scm/ref.h"
#include "scm/remote_refs.h"
#include "scm/worktree.h"
#include "text/json.h"

/* ---- what a job needs ---- */

/* Files that are placed in the work tree by their content: inputs, and what `copy_paths` names. */
struct cargo {
	struct executor_job *job;
	struct data *data;
	struct cache own; /* of objects that are not in the user's cache; beside the record */
	struct oid_list cached, owned;
	struct wire places; /* the fields "file" and "mkdir" */
};

static void cargo_release(struct cargo *c)
{
	(void)file_remove(c->own.dir, NULL); /* best effort: the record's directory goes later */
	cache_release(&c->own);
	oid_list_release(&c->cached);
	oid_list_release(&c->owned);
	wire_release(&c->places);
}

/* Where the job's place is in the work tree: relative to its root. Fails: ERR_FAIL (outside). */
static int in_tree(const struct cargo *c, const char *path, char **out, struct err *err)
{
	const char *root = scm_root(ssh_scm(c->job));

	if (!path_inside(path, root))
		return err_set(err, ERR_FAIL,
			"'%s' is outside of the Git repository, and is not on the host", path);
	*out = path_relative(path, root);
	return 0;
}

static int add_object(struct cargo *c, const struct oid *o, const char *path,
	const struct tree_entry *seen, struct err *err)
{
	if (cache_exists(&c->data->cache, o)) {
		oid_list_add(&c->cached, o);
		return 0;
	}
	oid_list_add(&c->owned, o);
	return cache_add_file(&c->own, o, AT_FDCWD, path, false, seen, err);
}

static int add_file(struct cargo *c, const struct oid *o, unsigned mode, const char *path,
	const char *to, const struct tree_entry *seen, struct err *err)
{
	AUTO(buf_release) struct buf line = BUF_INIT;
	char name[OID_TEXT];
	int r = add_object(c, o, path, seen, err);

	buf_addf(&line, "%s %s %s", oid_format(o, name), mode & 0111 ? "755" : "644", to);
	wire_add(&c->places, "file", buf_str(&line), line.len);
	return r;
}

/* A file or a directory of the workspace, to be at `to` in the work tree. */
static int add_path(struct cargo *c, const char *path, const char *to, struct err *err)
{
	AUTO(hashed_release) struct hashed found = HASHED_INIT;
	const struct hash_opts how = {.ctx = c->data->repo->ctx,
		.hash = HASH_MD5,
		.state = c->data->state,
		.filter = {.any_name = true}};
	int r = hash_path(path, &how, &found, err);

	if (r < 0)
		return r;
	if (!found.is_dir) {
		struct tree_entry seen = {0};

		tree_entry_set_stat(&seen, &found.stat);
		return add_file(c, &found.oid, found.stat.st_mode, path, to, &seen, err);
	}
	wire_adds(&c->places, "mkdir", to);
	for (size_t i = 0; i < found.tree.count && r == 0; i++) {
		const struct tree_entry *e = &found.tree.entries[i];
		const char *name = tree_path(&found.tree, e);
		AUTO(mem_freep) char *from = path_join(path, name);
		AUTO(mem_freep) char *there = path_join(to, name);
		struct oid o = tree_entry_oid(&found.tree, e);

		r = add_file(c, &o, e->mode, from, there, e, err);
	}
	return r;
}

/* `must`: it is an error when nothing is there. */
static int add_workspace_path(struct cargo *c, const char *path, bool must, struct err *err)
{
	AUTO(mem_freep) char *to = NULL;
	int r = in_tree(c, path, &to, err);

	if (r < 0 || (!must && !file_exists(path)))
		return r;
	return add_path(c, path, to, err);
}

/* Paths that the task names, relative to its directory. */
static int add_copy_paths(struct cargo *c, struct err *err)
{
	const struct tempdir_spec *t = &c->job->tempdir;
	int r = 0;

	for (size_t i = 0; t->copy_paths && i < t->copy_paths->count && r == 0; i++) {
		AUTO(mem_freep) char *base = path_join(scm_root(t->scm), t->dir);
		AUTO(mem_freep) char *joined = path_join(base, t->copy_paths->items[i]);
		AUTO(mem_freep) char *path = path_normalize(joined);

		r = add_workspace_path(c, path, true, err);
	}
	return r;
}

/* Objects that the outputs and dependencies of the experiment's commit use. */
static int add_used(struct cargo *c, const struct scm_id *commit, struct err *err)
{
	AUTO(used_release) struct used used = {0};
	struct scm_ids ids = {0};
	const struct strlist all = STRLIST_INIT;

	*vec_push(&ids) = *commit;
	int r = used_collect_revs(&used, c->job->tempdir.repo, c->data,
		&(struct used_revs){.ids = &ids}, &all, 0,
		&(struct used_opts){.whole = true, .force = true, .skip_failed = true}, err);

	vec_release(&ids);
	VEC_EACH (&used.groups, g)
		VEC_EACH (&g->oids, o)
			if (r >= 0 && o->hash == HASH_MD5 && cache_exists(&c->data->cache, o))
				oid_list_add(&c->cached, o);
	return MIN(r, 0);
}

/* The inputs and what is there of the outputs (those that persist); the directories in which
 * outputs are made are there as well. */
static int add_stage(struct cargo *c, struct err *err)
{
	const struct executor_spec *spec = &c->job->spec;
	AUTO(mem_freep) char *dir = NULL;
	int r = in_tree(c, spec->dir, &dir, err);

	if (r == 0 && !str_eq(dir, "."))
		wire_adds(&c->places, "mkdir", dir);
	for (size_t i = 0; spec->outputs && i < spec->outputs->count && r == 0; i++) {
		AUTO(mem_freep) char *above = path_dirname(spec->outputs->items[i]);
		AUTO(mem_freep) char *to = NULL;

		r = in_tree(c, above, &to, err);
		if (r == 0 && !str_eq(to, "."))
			wire_adds(&c->places, "mkdir", to);
		if (r == 0)
			r = add_workspace_path(c, spec->outputs->items[i], false, err);
	}
	for (size_t i = 0; spec->inputs && i < spec->inputs->count && r == 0; i++)
		r = add_workspace_path(c, spec->inputs->items[i], true, err);
	return r;
}

/* ---- sending ---- */

/* Which of the objects does the host lack? One question, whatever their number. */
static int ask_lacking(
	struct executor_job *job, struct oid_list *all, struct oid_list *out, struct err *err)
{
	AUTO(wire_release) struct wire w = WIRE_INIT;
	AUTO(wire_release) struct wire answer = WIRE_INIT;
	AUTO(buf_release) struct buf names = BUF_INIT;
	AUTO(strlist_release) struct strlist lines = STRLIST_INIT;
	struct oid o;

	oid_list_sort(all);
	if (!all->count)
		return 0;
	for (size_t i = 0; i < all->count; i++) {
		char name[OID_TEXT];

		buf_addf(&names, "%s\n", oid_format(&all->items[i], name));
	}
	wire_adds(&w, "do", "lack");
	wire_add(&w, "md5", buf_str(&names), names.len);
	int r = ssh_ask(job, &w, &answer, err);
	const char *missing = wire_get(&answer, "md5");

	strlist_split(&lines, r == 0 && missing ? missing : "", '\n');
	for (size_t i = 0; i < lines.count; i++)
		if (oid_parse(&o, lines.items[i], HASH_MD5))
			oid_list_add(out, &o);
	oid_list_sort(out);
	return r;
}

static int send_objects(
	struct cargo *c, const struct cache *from, struct oid_list *objects, struct err *err)
{
	AUTO(oid_list_release) struct oid_list lacking = {0};
	AUTO(remote_result_release) struct remote_result result = {0};
	struct remote *store;
	int r = ask_lacking(c->job, objects, &lacking, err);

	if (r < 0 || !lacking.count)
		return r;
	r = ssh_store(c->job->place, c->job->site, &store, err);
	if (r == 0)
		r = remote_push(from, store, &lacking, &(struct remote_opts){0}, &result, err);
	if (r >= 0 && result.failed)
		r = ssh_store_failed(store, &result, true, err);
	return MIN(r, 0);
}

static int send_commit(struct executor_job *job, const struct scm_id *commit,
	const struct scm_id *baseline, struct err *err)
{
	AUTO(remote_git_release) struct remote_git git = {0};
	AUTO(ref_updates_release) struct ref_updates updates = {0};
	/* names that nobody else writes: the git of a head that was killed may still be at it */
	AUTO(mem_freep) char *who = str_random(16);
	int r;

	ssh_git(job, ssh_scm(job), &git);
	*vec_push(&updates) = (struct ref_update){
		.name = mem_printf("refs/cairn/%s/%s/task", job->job, who),
		.id = *commit,
		.force = true};
	*vec_push(&updates) = (struct ref_update){
		.name = mem_printf("refs/cairn/%s/%s/base", job->job, who),
		.id = *baseline,
		.force = true};
	r = remote_git_push(&git, &updates, 0, err);
	if (r < 0 && strstr(err_text(err), "bad line length"))
		err_hint(err,
			"The shell of host '%s' prints text before git speaks: it must be silent when nobody is logged in.",
			job->place->host);
	VEC_EACH (&updates, u)
		if (r >= 0 && u->outcome == REF_REFUSED)
			r = err_set(err, ERR_FAIL, "host '%s' refuses the commit: %s",
				job->place->host, u->reason);
	return MIN(r, 0);
}

/* The tracked files as they are in the workspace, on top of HEAD. No ref names it here. */
static int snapshot(
	struct executor_job *job, struct scm_id *out, struct scm_id *out_head, struct err *err)
{
	const struct strlist none = STRLIST_INIT;
	struct scm_id tree;
	int r = scm_head(job->scm, out_head, NULL, err);

	if (r == 0)
		r = worktree_write_tree(job->scm, &none, NULL, NULL, &tree, err);
	return r < 0 ? r
		     : scm_write_commit(
			       job->scm, &tree, out_head, 1, "cairn: the workspace", out, err);
}

/* Settings that are in no commit, but those that name places or hold secrets of this machine. */
static void add_settings(const struct executor_job *job, struct wire *w)
{
	static const enum config_level levels[] = {CONFIG_SYSTEM, CONFIG_GLOBAL, CONFIG_LOCAL};
	static const char *const of_here[] = {"remote", "machine", "db", "state", "index"};
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	const struct config *c = &job->site->repo->config;
	struct value *all = value_map(&a);

	for (size_t l = 0; l < ARRAY_SIZE(levels); l++) {
		const struct value *level = c->levels[levels[l]];

		for (size_t i = 0; i < value_count(level); i++) {
			const struct value_item *section = &level->list.items[i];
			struct value *into = value_get(all, section->key);
			bool skip = !value_is(section->value, VALUE_MAP);

			for (size_t k = 0; k < ARRAY_SIZE(of_here); k++)
				skip |= str_eq(section->key, of_here[k]);
			if (skip)
				continue;
			if (!into) {
				into = value_map(&a);
				value_set(&a, all, section->key, into);
			}
			for (size_t k = 0; k < value_count(section->value); k++) {
				const struct value_item *item = &section->value->list.items[k];

				value_set(&a, into, item->key, value_copy(&a, item->value));
			}
		}
	}
	if (value_get(all, "cache"))
		(void)value_remove(value_get(all, "cache"), "dir");
	if (value_get(all, "core")) {
		(void)value_remove(value_get(all, "core"), "remote");
		(void)value_remove(value_get(all, "core"), "site_cache_dir");
	}
	if (json_write(&text, all, NULL, NULL) == 0)
		wire_add(w, "settings", buf_str(&text), text.len);
}

static int ask_for_tree(struct cargo *c, const struct scm_id *commit, const struct scm_id *baseline,
	struct err *err)
{
	struct executor_job *job = c->job;
	AUTO(wire_release) struct wire w = WIRE_INIT;
	AUTO(wire_release) struct wire answer = WIRE_INIT;
	AUTO(mem_freep)
	char *dvc = path_relative(job->site->repo->dvc_dir, scm_root(ssh_scm(job)));

	ssh_question(job, "prepare", &w);
	wire_adds(&w, "commit", commit->hex);
	wire_adds(&w, "baseline", baseline->hex);
	wire_adds(&w, "dvc", dvc);
	add_settings(job, &w);
	VEC_EACH (&c->places.fields, f)
		wire_add(&w, f->word, f->bytes, f->len);
	if (job->spec.tempdir) {
		AUTO(mem_freep) char *ref = expref_format(baseline, job->spec.name);

		wire_adds(&w, "drop-ref", ref);
	}
	int r = ssh_ask(job, &w, &answer, err);

	return r < 0 ? r : wire_get(&answer, "started") != NULL;
}

/* What an earlier process has left there, which was done with it: it must not be taken for the end
 * of this job. */
static int end_old(struct executor_job *job, struct err *err)
{
	AUTO(wire_release) struct wire w = WIRE_INIT;
	AUTO(wire_release) struct wire answer = WIRE_INIT;

	ssh_question(job, "forget", &w);
	return ssh_ask(job, &w, &answer, err);
}

/* Was the job started there before, by an earlier process? Then nothing is to be sent. */
static int was_started(struct executor_job *job, struct err *err)
{
	AUTO(wire_release) struct wire w = WIRE_INIT;
	AUTO(wire_release) struct wire answer = WIRE_INIT;

	wire_adds(&w, "do", "poll");
	wire_adds(&w, "job", job->job);
	wire_addi(&w, "try", job->try);
	int r = ssh_ask(job, &w, &answer, err);

	if (r < 0)
		return r;
	job->is_uncertain = false;
	bool is_there = !str_eq(wire_get(&answer, "state"), "none");

	return is_there && !job->is_ours ? end_old(job, err) : is_there;
}

int ssh_ship(struct executor_job *job, struct err *err)
{
	AUTO(cargo_release) struct cargo c = {.job = job};
	AUTO(mem_freep) char *own = path_join(job->dir, "send");
	struct scm_id commit = job->tempdir.commit, baseline = job->tempdir.baseline;
	int r = was_started(job, err);

	cache_init(&c.own, job->site->repo->ctx, own);
	if (r != 0)
		return r;
	r = repo_data(job->site->repo, &c.data, err);
	if (r == 0 && job->spec.tempdir) {
		r = add_used(&c, &commit, err);
		if (r == 0)
			r = add_copy_paths(&c, err);
	} else if (r == 0) {
		r = snapshot(job, &commit, &baseline, err);
		if (r == 0)
			r = add_stage(&c, err);
	}
	if (r == 0)
		r = send_objects(&c, &c.data->cache, &c.cached, err);
	if (r == 0)
		r = send_objects(&c, &c.own, &c.owned, err);
	if (r == 0)
		r = send_commit(job, &commit, &baseline, err);
	return r < 0 ? r : ask_for_tree(&c, &commit, &baseline, err);
}
