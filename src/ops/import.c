/* Makes the stages of imports. data/imports.h brings the data; this file finds the destination,
 * checks it, writes the .dvc file, and remembers imports that were interrupted. */
#include "ops/import.h"

#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/md5.h"
#include "base/path.h"
#include "base/str.h"
#include "ops/get.h"
#include "data/imports.h"
#include "data/origins.h"
#include "data/to_remote.h"
#include "project/dvcfile.h"
#include "project/gitignore.h"
#include "project/graph.h"
#include "project/load.h"
#include "project/place.h"
#include "data/url.h"
#include "fs/fs.h"
#include "data/outputs.h"

int import_repo_entry(struct arena *a, const char *url, const char *rev, const char *config,
	const char *remote, const struct value *remote_config, struct value **out, struct err *err)
{
	struct value *entry = value_map(a);
	if (remote && remote_config && config)
		return err_set(err, ERR_VALUE,
			"Can't specify config path together with both remote and remote_config");

	value_set(a, entry, "url", value_string(a, url));
	if (rev)
		value_set(a, entry, "rev", value_string(a, rev));

	if (remote && remote_config) {
		struct value *conf = value_map(a), *core = value_map(a), *remotes = value_map(a);
		value_set(a, core, "remote", value_string(a, remote));
		value_set(a, remotes, remote, value_copy(a, remote_config));
		value_set(a, conf, "core", core);
		value_set(a, conf, "remote", remotes);
		value_set(a, entry, "config", conf);
		*out = entry;
		return 0;
	}

	if (config)
		value_set(a, entry, "config", value_string(a, config));
	if (remote)
		value_set(a, entry, "remote", value_string(a, remote));
	else if (remote_config)
		value_set(a, entry, "remote", value_copy(a, remote_config));
	*out = entry;
	return 0;
}

/* ---- a new stage */

/* Check DVC's rules for the place of an imported output. `written` is the path for the messages. */
static int check_place(struct repo *repo, const char *written, const char *full, struct err *err)
{
	AUTO(mem_freep) char *dir = path_dirname(full);
	if (!path_inside(full, repo->root) || str_eq(full, repo->root)) {
		(void)err_set(err, ERR_FAIL,
			"Cached output(s) outside of DVC project: %s. See "
			"<https://dvc.org/doc/user-guide/data-management/importing-external-data> for more info.",
			full);
		return err_plain(err, ERR_FAIL,
			"'%s' lies outside of the project, where nothing is tracked", full);
	}

	int r = out_check_links(repo, full, err);
	if (r < 0)
		return r;
	if (!file_is_dir(dir))
		return err_set(err, ERR_FAIL, "stage working dir '%s' does not exist", dir);
	return out_check_place(repo, repo_ignore(repo), written, full, err);
}

/* Keep what the user wrote about the old output (description, labels, remote, ...), as DVC does. */
static void keep_notes(struct stage *fresh, const struct stage *old)
{
	struct out *o = &fresh->outs.items[0];
	fresh->desc = old->desc;
	fresh->meta = old->meta;

	VEC_EACH (&old->outs, was) {
		if (!str_eq(was->path, o->path))
			continue;
		o->desc = was->desc;
		o->type = was->type;
		o->labels = was->labels;
		o->meta = was->meta;
		o->remote = was->remote;
		o->push = was->push;
	}
}

/* Put the stage into the index. A stage of the same .dvc file is replaced, so that the checks do
 * not find two owners of one output. */
static void replace_in_index(struct index *ix, struct stage *s)
{
	for (size_t i = 0; i < ix->stages.count; i++) {
		struct stage *old = ix->stages.items[i];
		if (old->name || !str_eq(old->file, s->file))
			continue;
		keep_notes(s, old);
		s->order = old->order;
		stage_release(old);
		ix->stages.items[i] = s;
		return;
	}
	s->order = ix->stages.count;
	*vec_push(&ix->stages) = s;
}

int import_new_stage(
	struct repo *repo, const char *out_path, bool by_name, struct stage **out, struct err *err)
{
	AUTO(mem_freep) char *clean = path_normalize(out_path);
	AUTO(mem_freep) char *base = mem_strdup(path_basename(clean));
	AUTO(mem_freep) char *given = repo_absolute(repo, out_path);
	AUTO(mem_freep) char *full = by_name && !path_inside(given, repo->root)
					     ? repo_absolute(repo, base)
					     : mem_strdup(given);
	struct index *ix;

	int r = repo_index(repo, &ix, err);
	if (r >= 0)
		r = check_place(repo, out_path, full, err);

	AUTO(mem_freep) char *file = mem_printf("%s.dvc", full);
	if (r >= 0)
		r = gitignore_check_file(repo, file, err);
	if (r < 0)
		return r;

	struct stage *s = dvcfile_new_stage(&ix->arena, file, path_basename(full));
	replace_in_index(ix, s);
	r = graph_check_outs(ix, s, err);
	*out = s;
	return r;
}

/* ---- import, import-url */

/* A file of DVC's own cannot be imported. */
static int check_source(const char *path, struct err *err)
{
	if (dvcfile_has_name(path))
		return err_set(err, ERR_FAIL, "DVC file '%s' cannot be a dependency.", path);
	return 0;
}

static struct dep *add_dep(struct stage *s, enum dep_kind kind, const char *path)
{
	struct dep *dep = vec_push(&s->deps);
	dep->kind = kind;
	dep->path = path;
	dep->rec = RECORDED_NONE;
	return dep;
}

/* ---- imports that were interrupted */

/* The path of a note for the destination. It says that an import is filling it, or was killed while
 * it did. Without the note, a directory left at the destination would be taken for a directory to
 * import into. Heap string. */
static char *begun_note(const struct repo *repo, const char *abs_path)
{
	unsigned char digest[MD5_BYTES];
	char hex[MD5_HEX + 1];
	md5_of(abs_path, strlen(abs_path), digest);
	md5_to_hex(digest, hex);
	return mem_printf("%s/imports/%s", repo->tmp_dir, hex);
}

/* Find the destination. What an import that was killed has left at its destination (there is a
 * note, but no .dvc file) is replaced. */
static int find_destination(struct repo *repo, const char *name, const struct import_opts *opts,
	char **out, struct err *err)
{
	AUTO(mem_freep) char *clean = path_normalize(opts->out ? opts->out : path_basename(name));
	AUTO(mem_freep) char *full = repo_absolute(repo, clean);
	AUTO(mem_freep) char *note = begun_note(repo, full);
	AUTO(mem_freep) char *pointer = mem_printf("%s.dvc", full);
	if (!file_exists(note) || !file_exists(full) || file_exists(pointer))
		return get_destination(name, opts->out, opts->force, out, err);
	*out = TAKE(clean);
	return 0;
}

/* Write the note before the destination is created. `*out` is its path, to remove when all is done;
 * it stays NULL when something else is at the destination, which is not to be taken for a
 * leftover. */
static int note_begun(struct repo *repo, const char *abs_path, char **out, struct err *err)
{
	AUTO(mem_freep) char *note = begun_note(repo, abs_path);
	bool ours = !file_exists(abs_path) || file_exists(note);
	int r = ours ? repo_tmp(repo, err) : 0;
	if (r >= 0 && ours)
		r = file_mkdirs_for(note, err);
	if (r >= 0 && ours)
		r = file_write(note, abs_path, strlen(abs_path), 0, err);
	if (r >= 0 && ours)
		*out = TAKE(note);
	return r;
}

/* Bring the data as `mode` says, then write the .dvc file. With IMPORT_DATA, what is at the
 * destination is replaced only when the data has arrived. With IMPORT_NO_DOWNLOAD it is removed, as
 * in DVC. */
static int finish(
	struct repo *repo, struct stage *s, const struct import_opts *opts, struct err *err)
{
	struct index *ix;
	struct data *d;
	struct out *o = &s->outs.items[0];
	AUTO(mem_freep) char *begun = NULL;

	int r = repo_data(repo, &d, err);
	if (r >= 0)
		r = repo_index(repo, &ix, err);
	if (r >= 0 && opts->mode == IMPORT_DATA)
		r = note_begun(repo, o->abs_path, &begun, err);

	s->frozen = true;
	if (r >= 0 && opts->mode == IMPORT_NO_EXEC)
		r = out_make_ignored(d, o, err);
	else if (r >= 0)
		r = import_bring(repo, &ix->arena, s,
			&(struct import_bring_opts){.no_download = opts->mode == IMPORT_NO_DOWNLOAD,
				.jobs = opts->jobs,
				.progress = opts->progress},
			err);
	if (r >= 0 && opts->mode == IMPORT_NO_DOWNLOAD)
		r = place_remove(repo, o->abs_path, err);
	if (r >= 0)
		r = dvcfile_save(repo, s, err);

	/* after a failure the note stays as long as something incomplete is at the destination */
	if (begun && (r >= 0 || !file_exists(o->abs_path)))
		(void)unlink(begun);
	return MIN(r, 0);
}

/* The source path as the .dvc file records it. As in DVC, an absolute path within this repository
 * becomes relative to the .dvc file, although it is looked up in the other repository. Lives in the
 * arena. */
static const char *written_source(
	const struct repo *repo, struct arena *a, const struct stage *s, const char *path)
{
	AUTO(mem_freep) char *normal = path_normalize(path);
	if (!path_is_absolute(path) || !path_inside(normal, repo->root))
		return path;
	AUTO(mem_freep) char *rel = path_relative(normal, s->wdir);
	return arena_strdup(a, rel);
}

int ops_import(struct repo *repo, const char *path, const struct value *entry,
	const struct import_opts *opts, struct err *err)
{
	AUTO(mem_freep) char *to = NULL;
	struct stage *s;
	int r = find_destination(repo, path, opts, &to, err);
	if (r >= 0)
		r = check_source(path, err);
	if (r >= 0)
		r = import_new_stage(repo, to, false, &s, err);
	if (r < 0)
		return r;
	add_dep(s, DEP_REPO, written_source(repo, &repo->index->arena, s, path))->repo = entry;
	return finish(repo, s, opts, err);
}

/* The URL as the .dvc file records it: a path within this repository relative to the .dvc file,
 * anything else as the user gave it. *out_abs is the absolute path, or NULL for a URL with a
 * scheme. */
static const char *written_url(
	struct repo *repo, struct arena *a, const struct stage *s, const char *url, char **out_abs)
{
	AUTO(mem_freep) char *full = NULL;
	if (path_has_scheme(url))
		return url;
	full = repo_absolute(repo, url);
	bool ours = file_exists(full) && path_inside(full, repo->root) && !str_eq(full, repo->root);
	AUTO(mem_freep) char *rel = path_relative(full, s->wdir);
	AUTO(mem_freep) char *joined = path_join(s->wdir, ours ? rel : url);
	*out_abs = path_normalize(joined);
	return ours ? arena_strdup(a, rel) : url;
}

/* The hash of the dependency is that of the output, since both are the same data. */
static int copy_to_remote(struct repo *repo, struct arena *a, const char *url, struct stage *s,
	const struct transfer_target *to, struct err *err)
{
	AUTO(mem_freep) char *from = NULL;
	int r = url_local_path(&repo->config, url, repo->cwd, &from, err);
	if (r >= 0)
		r = transfer_to_remote(repo, a, from, &s->outs.items[0], to, err);
	if (r < 0 && from && !file_exists(from))
		r = ERR_NO_PATH; /* the text is DVC's; only the code differs */
	s->deps.items[0].rec = s->outs.items[0].rec;
	s->deps.items[0].rec.isexec = false;
	return r;
}

/* Copy the data to a remote only, and record it. */
static int import_to_remote(struct repo *repo, const char *url, struct stage *s,
	const struct import_url_opts *opts, struct err *err)
{
	const struct transfer_target to = {opts->remote, "import-url", opts->how.jobs};
	struct index *ix;
	struct data *d;

	int r = repo_index(repo, &ix, err);
	if (r >= 0)
		r = repo_data(repo, &d, err);
	if (r >= 0)
		r = url_is_far(&repo->config, url)
			    ? transfer_far_to_remote(repo, &ix->arena,
				      &(struct far_source){url, opts->fs_config}, &s->outs.items[0],
				      &s->deps.items[0].rec, &to, err)
			    : copy_to_remote(repo, &ix->arena, url, s, &to, err);
	if (r >= 0)
		r = out_make_ignored(d, &s->outs.items[0], err);
	if (r < 0)
		return r;

	s->frozen = true;
	s->md5 = "";
	return MIN(dvcfile_save(repo, s, err), 0);
}

static int check_url_opts(const struct import_url_opts *o, struct err *err)
{
	if (o->to_remote && (o->how.mode != IMPORT_DATA || o->version_aware))
		return err_set(err, ERR_FAIL,
			"--no-exec/--no-download/--version-aware cannot be combined with --to-remote");
	if (!o->to_remote && o->remote)
		return err_set(err, ERR_FAIL, "--remote can't be used without --to-remote");
	return 0;
}

/* Is the scheme of the URL one that this build reaches, and its remote known? Does the place keep
 * versions, if that matters? */
static int check_reachable(struct repo *repo, const char *url, bool version_aware, struct err *err)
{
	AUTO(mem_freep) char *resolved = NULL;
	int r = url_resolve(&repo->config, url, &resolved, err);
	bool far = url_is_far(&repo->config, url);
	if (r >= 0 && far)
		r = url_check_scheme(resolved, url, err);
	if (r < 0 || !far || !version_aware)
		return r; /* of this machine: there are no versions, and the option does nothing */
	const struct fs_driver *driver = fs_driver_for(resolved);
	return driver && driver->capabilities & FS_VERSIONS
		       ? 0
		       : err_set(err, ERR_UNSUPPORTED,
				 "'%s' keeps no versions of its files: --version-aware is for S3, Google Cloud Storage and Azure",
				 url);
}

int ops_import_url(
	struct repo *repo, const char *url, const struct import_url_opts *opts, struct err *err)
{
	AUTO(mem_freep) char *to = NULL, *full = NULL;
	struct index *ix;
	struct stage *s;

	int r = find_destination(repo, url, &opts->how, &to, err);
	if (r >= 0)
		r = check_url_opts(opts, err);
	if (r >= 0)
		r = check_source(url, err);
	if (r >= 0)
		r = check_reachable(repo, url, opts->version_aware, err);
	if (r >= 0)
		r = import_new_stage(repo, to, opts->to_remote && !opts->how.out, &s, err);
	if (r >= 0)
		r = repo_index(repo, &ix, err);
	if (r < 0)
		return r;

	const char *written = written_url(repo, &ix->arena, s, url, &full);
	struct dep *dep = add_dep(s, full ? DEP_FILE : DEP_URL, written);
	dep->abs_path = full ? arena_strdup(&ix->arena, full) : NULL;
	dep->fs_config = opts->fs_config;
	/* as in DVC, the data of a source with versions stays there */
	if (opts->version_aware && opts->how.mode != IMPORT_NO_EXEC &&
		url_is_far(&repo->config, url))
		s->outs.items[0].push = false;
	return opts->to_remote ? import_to_remote(repo, url, s, opts, err)
			       : finish(repo, s, &opts->how, err);
}
