/* Brings what a job made: an experiment's commit with its objects, or the outputs of a stage. */
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
#include "store/link.h"

/* ---- experiments ---- */

/* `all`: with what the run-cache alone refers to. */
static int collect_used(struct executor_job *job, struct data *d, const struct scm_id *commit,
	bool all, struct oid_list *out, struct err *err)
{
	AUTO(used_release) struct used used = {0};
	struct scm_ids ids = {0};
	const struct strlist none = STRLIST_INIT; /* no targets: all outputs */

	*vec_push(&ids) = *commit;
	int r = used_collect_revs(&used, job->tempdir.repo, d, &(struct used_revs){.ids = &ids},
		&none, 0, &(struct used_opts){.force = true, .uncached = all}, err);

	vec_release(&ids);
	VEC_EACH (&used.groups, g)
		VEC_EACH (&g->oids, o)
			if (r >= 0 && o->hash == HASH_MD5)
				oid_list_add(out, o);
	oid_list_sort(out);
	return MIN(r, 0);
}

/* Objects that are on neither side: those that the task lacked from the beginning are no loss, nor
 * are those that no output needs. */
static int check_missing(struct executor_job *job, struct data *d, const struct scm_id *commit,
	const struct remote_result *result, struct err *err)
{
	AUTO(oid_list_release) struct oid_list before = {0};
	AUTO(oid_list_release) struct oid_list needed = {0};
	char name[OID_TEXT];
	int r = 0;

	if (!result->missing.count)
		return 0;
	r = collect_used(job, d, &job->tempdir.commit, false, &before, err);
	if (r == 0)
		r = collect_used(job, d, commit, false, &needed, err);
	VEC_EACH (&result->missing, o)
		if (r == 0 && oid_list_has(&needed, o) && !oid_list_has(&before, o))
			r = err_set(err, ERR_NO_DATA, "host '%s' does not have object '%s'",
				job->place->host, oid_format(o, name));
	return r;
}

static int fetch_objects(
	struct executor_job *job, struct data *d, const struct scm_id *commit, struct err *err)
{
	AUTO(oid_list_release) struct oid_list wanted = {0};
	AUTO(oid_list_release) struct oid_list missing = {0};
	AUTO(remote_result_release) struct remote_result result = {0};
	struct remote *store;
	int r = collect_used(job, d, commit, true, &wanted, err);

	if (r == 0)
		r = cache_missing(&d->cache, &wanted, &missing, err);
	if (r < 0)
		return r;
	r = ssh_store(job->place, job->site, &store, err);
	if (r == 0 && missing.count)
		r = remote_fetch(store, &d->cache, &wanted, &(struct remote_opts){.verify = true},
			&result, err);
	if (r >= 0)
		r = check_missing(job, d, commit, &result, err);
	if (r >= 0 && result.failed > result.missing.count)
		r = ssh_store_failed(store, &result, false, err);
	return r < 0 ? r : MIN(remote_fetch_runs(store, &d->cache, NULL, err), 0);
}

/* The commit, by git; no ref of the experiment is made here. */
static int fetch_commit(struct executor_job *job, struct scm_id *out, struct err *err)
{
	AUTO(mem_freep) char *ref = expref_format(&job->tempdir.baseline, job->spec.name);
	AUTO(remote_git_release) struct remote_git git = {0};
	AUTO(wire_release) struct wire w = WIRE_INIT;
	AUTO(wire_release) struct wire answer = WIRE_INIT;
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;

	wire_adds(&w, "do", "commit");
	wire_adds(&w, "ref", ref);
	int r = ssh_ask(job, &w, &answer, err);
	const char *id = wire_get(&answer, "commit");

	if (r == 0 && (!id || !scm_is_full_id(id)))
		r = err_set(err, ERR_FAIL, "the host names no commit of the experiment");
	if (r < 0)
		return r;
	memcpy(out->hex, id, sizeof(out->hex));
	ssh_git(job, job->tempdir.scm, &git);
	strlist_add(&names, ref);
	return remote_git_fetch(&git, &names, err);
}

static int bring_experiment(struct executor_job *job, struct err *err)
{
	AUTO(mem_freep) char *result_ref = executor_result_ref(&job->spec);
	struct scm_id commit;
	struct data *d;
	int r = repo_data(job->site->repo, &d, err);

	if (r == 0)
		r = fetch_commit(job, &commit, err);
	/* no gc between the objects and the refs that use them */
	if (r == 0)
		r = cache_lock_take(&job->cache_lock, &d->cache, false, err);
	if (r == 0)
		r = fetch_objects(job, d, &commit, err);
	return r < 0 ? r : scm_ref_write(job->tempdir.scm, result_ref, &commit, NULL, NULL, err);
}

/* ---- outputs of a stage ---- */

/* What the host has stored of an output. */
struct output {
	const char *path, *kind; /* relative to the work tree; "file", "dir", "none" */
	size_t first, end;       /* its entries: indices of fields */
};
VEC_TYPE(outputs, struct output);

static void read_outputs(const struct wire *w, struct outputs *out)
{
	for (size_t i = 0; i < w->fields.count; i++) {
		const struct wire_field *f = &w->fields.items[i];

		if (str_eq(f->word, "path"))
			*vec_push(out) = (struct output){
				.path = f->bytes, .kind = "none", .first = i + 1};
		else if (str_eq(f->word, "kind") && out->count)
			out->items[out->count - 1].kind = f->bytes;
		if (out->count)
			out->items[out->count - 1].end = i + 1;
	}
}

/* "<md5> <mode> <path>", where the path is the output or below it. False: it is not. */
static bool read_entry(const struct wire_field *f, const char *output, struct oid *out_oid,
	bool *out_exec, const char **out_path)
{
	enum { PATH_AT = MD5_HEX + 5 };

	if (!str_eq(f->word, "entry") || f->len <= PATH_AT)
		return false;
	AUTO(mem_freep) char *name = mem_strndup(f->bytes, MD5_HEX);

	*out_exec = f->bytes[MD5_HEX + 1] == '7';
	*out_path = f->bytes + PATH_AT;
	return oid_parse(out_oid, name, HASH_MD5) &&
	       path_is_safe_relative(*out_path, f->len - PATH_AT) && path_inside(*out_path, output);
}

/* Bring one file to `to`. */
static int place_entry(
	struct linker *l, const struct oid *o, bool is_exec, const char *to, struct err *err)
{
	struct stat st;
	int r = file_mkdirs_for(to, err);

	if (r == 0)
		r = link_object(l, o, to, &st, err);
	if (r == 0 && chmod(to, (0666 | (is_exec ? 0111 : 0)) & ~file_umask()) < 0)
		r = err_errno(err, "unable to change the mode of '%s'", to);
	return r;
}

/* Where an output is built: beside the record, from where a rename reaches its place; or beside its
 * place, should that be on another file system. Heap string. */
static char *building_place(const struct executor_job *job, const char *to)
{
	AUTO(mem_freep) char *parent = path_dirname(to);
	struct stat of_record, of_parent;

	if (stat(job->dir, &of_record) == 0 && stat(parent, &of_parent) == 0 &&
		of_record.st_dev != of_parent.st_dev)
		return mem_printf("%s/.%s.cairn", parent, job->job);
	return path_join(job->dir, "made");
}

/* Build the output, then put it into its place: what is there is replaced only when all of it is
 * here. */
static int place_output(const struct executor_job *job, const struct wire *w, struct linker *l,
	const struct output *o, struct err *err)
{
	AUTO(mem_freep) char *to = path_join(scm_root(job->scm), o->path);
	bool is_none = str_eq(o->kind, "none");
	int r = is_none ? 0 : file_mkdirs_for(to, err);

	if (r < 0)
		return r;
	AUTO(mem_freep) char *made = building_place(job, to);

	r = file_remove(made, err); /* of one that was killed */
	if (r == 0 && str_eq(o->kind, "dir"))
		r = file_mkdirs(made, err);
	for (size_t i = o->first; i < o->end && r == 0; i++) {
		const struct wire_field *f = &w->fields.items[i];
		const char *path = NULL;
		bool is_exec = false;
		struct oid oid;

		if (!str_eq(f->word, "entry"))
			continue;
		if (!read_entry(f, o->path, &oid, &is_exec, &path))
			return err_set(err, ERR_FAIL, "the host names a file that is not in '%s'",
				o->path);
		const char *rest = path + strlen(o->path);
		AUTO(mem_freep) char *at = *rest ? path_join(made, rest + 1) : mem_strdup(made);

		r = place_entry(l, &oid, is_exec, at, err);
	}
	if (r == 0)
		r = file_remove(to, err);
	return r < 0 || is_none ? r : file_rename(made, to, err);
}

static int fetch_into(struct executor_job *job, const struct cache *c, const struct wire *w,
	const struct outputs *all, struct err *err)
{
	AUTO(oid_list_release) struct oid_list wanted = {0};
	AUTO(remote_result_release) struct remote_result result = {0};
	struct remote *store;

	VEC_EACH (all, o) {
		for (size_t i = o->first; i < o->end; i++) {
			const char *path;
			bool is_exec;
			struct oid oid;

			if (read_entry(&w->fields.items[i], o->path, &oid, &is_exec, &path))
				oid_list_add(&wanted, &oid);
		}
	}
	oid_list_sort(&wanted);
	if (!wanted.count)
		return 0;
	int r = ssh_store(job->place, job->site, &store, err);

	if (r == 0)
		r = remote_fetch(
			store, c, &wanted, &(struct remote_opts){.verify = true}, &result, err);
	if (r >= 0 && (result.failed || result.missing.count))
		r = ssh_store_failed(store, &result, false, err);
	return MIN(r, 0);
}

static bool is_asked(const struct executor_job *job, const char *path)
{
	AUTO(mem_freep) char *full = path_join(scm_root(job->scm), path);

	return strlist_has(job->spec.outputs, full);
}

static int bring_outputs(struct executor_job *job, struct err *err)
{
	AUTO(mem_freep) char *objects = path_join(job->dir, "objects");
	AUTO(wire_release) struct wire w = WIRE_INIT;
	AUTO(wire_release) struct wire answer = WIRE_INIT;
	AUTO(cache_release) struct cache here = CACHE_INIT;
	struct outputs all = {0};
	const struct strlist *outputs = job->spec.outputs;

	ssh_question(job, "outputs", &w);
	for (size_t i = 0; outputs && i < outputs->count; i++) {
		AUTO(mem_freep)
		char *path = path_relative(outputs->items[i], scm_root(job->scm));

		wire_adds(&w, "path", path);
	}
	if (!outputs || !outputs->count)
		return 0;
	int r = ssh_ask(job, &w, &answer, err);

	/* but the host's disk may be full */
	job->is_lost = r < 0 && r != ERR_IO && r != ERR_BROKEN && r != ERR_CANCELLED;
	cache_init(&here, job->site->repo->ctx, objects);
	if (r == 0)
		r = cache_set_links(&here, "reflink,copy", err);
	read_outputs(&answer, &all);
	if (r == 0)
		r = fetch_into(job, &here, &answer, &all, err);
	struct linker l = {.cache = &here, .copy_at_last = true};

	VEC_EACH (&all, o) {
		if (r == 0 && !is_asked(job, o->path))
			r = err_set(err, ERR_FAIL, "the host names an output that is none: '%s'",
				o->path);
		if (r == 0)
			r = place_output(job, &answer, &l, o, err);
	}
	if (r == 0)
		(void)file_remove(objects, NULL); /* else the next try goes on with it */
	vec_release(&all);
	return r;
}

int ssh_bring(struct executor_job *job, struct err *err)
{
	return job->spec.tempdir ? bring_experiment(job, err) : bring_outputs(job, err);
}
