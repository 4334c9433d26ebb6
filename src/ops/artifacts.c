/* Finds the commit of an artifact by its tags, then its path in the dvc.yaml of that commit, then
 * copies it as `get` does. */
#include "ops/artifacts.h"

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "ops/get.h"
#include "ops/gto.h"
#include "scm/ref.h"

/* The short form of an artifact's name: "dir/dvc.yaml:model" becomes "dir:model". Heap string. */
static char *plain_name(const char *name)
{
	const char *colon = strrchr(name, ':');
	if (!colon || !gto_is_artifact(name))
		return mem_strdup(name);
	AUTO(mem_freep) char *dir = mem_strndup(name, (size_t)(colon - name));
	if (!str_eq(path_basename(dir), "dvc.yaml"))
		return mem_strdup(name);
	AUTO(mem_freep) char *above = path_dirname(dir);
	return mem_printf("%s:%s", above, colon + 1);
}

static int not_found(const char *name, const struct artifact_opts *o, struct err *err)
{
	const char *at = o->stage ? o->stage : o->version;
	return err_kind(err, KIND_ARTIFACT_NOT_FOUND,
		err_set(err, ERR_NOT_FOUND, "Unable to find artifact '%s%s%s'", name,
			at ? " @ " : "", at ? at : ""));
}

/* The best tag so far. */
struct choice {
	char *version; /* or NULL: the tag names a stage only */
	char *commit;
};

static void choice_release(struct choice *c)
{
	free(c->version);
	free(c->commit);
}

/* Take a tag if it fits better than the best so far. Tags come in order of time. With a version or
 * stage given, the last tag that fits is taken; with neither, the highest version is, and of equal
 * ones the last. */
static void consider(struct choice *best, const struct scm_tag *t, const char *name,
	const struct artifact_opts *o)
{
	AUTO(gto_tag_release) struct gto_tag tag = {0};
	if (!gto_tag_parse(&tag, t->name) || !str_eq(tag.artifact, name) ||
		(o->version && !str_eq(tag.version, o->version)) ||
		(o->stage && !str_eq(tag.stage, o->stage)))
		return;

	bool any = !o->version && !o->stage && best->commit;
	if (any && best->version &&
		(!tag.version || gto_version_compare(tag.version, best->version) < 0))
		return;

	free(best->version);
	free(best->commit);
	best->version = TAKE(tag.version);
	best->commit = mem_strdup(t->commit.hex);
}

/* Find the commit of the tag that is meant. Only annotated tags count, as in GTO. Heap string. */
static int find_commit(struct external *e, const char *name, const struct artifact_opts *o,
	char **out, struct err *err)
{
	AUTO(scm_tags_release) struct scm_tags tags = {0};
	AUTO(choice_release) struct choice best = {0};
	struct scm *scm;

	int r = external_scm(e, &scm, err);
	if (r >= 0)
		r = scm_tags_load(scm, &tags, err);
	if (r < 0)
		return r;

	VEC_EACH (&tags, t)
		consider(&best, t, name, o);
	if (!best.commit)
		return not_found(name, o, err);
	*out = TAKE(best.commit);
	return 0;
}

/* Find the artifact's path in the dvc.yaml of its directory. The path is relative to the root of
 * the Git repository. Heap string. The directory may belong to a DVC repository within the Git
 * repository (the owner). */
static int find_path(struct external *e, const char *name, char **out, struct err *err)
{
	const char *colon = strrchr(name, ':');
	AUTO(mem_freep) char *dir = mem_strndup(name, colon ? (size_t)(colon - name) : 0);
	AUTO(mem_freep) char *inner = NULL;
	const char *key = colon ? colon + 1 : name;
	struct external *owner;
	struct index *ix;

	int r = external_owner(e, *dir ? dir : external_root(e), &owner, &inner, err);
	if (r >= 0)
		r = external_index(owner, &ix, err);
	if (r < 0)
		return r;

	AUTO(mem_freep) char *file = path_join(inner, "dvc.yaml");
	AUTO(mem_freep) char *full = path_join(external_root(owner), file);
	VEC_EACH (&ix->pipelines, p) {
		const char *path = str_eq((*p)->file, full)
					   ? value_get_str(value_get((*p)->artifacts, key), "path")
					   : NULL;
		if (!path)
			continue;
		AUTO(mem_freep) char *joined = path_join(dir, path);
		*out = path_normalize(joined);
		return 0;
	}

	return err_kind(err, KIND_ARTIFACT_NOT_FOUND,
		err_set(err, ERR_NOT_FOUND, "Unable to find artifact '%s': '%s'", name, key));
}

/* Switch the repository to the artifact's commit, and find its path there. */
static int locate(struct external *e, const char *name, const struct artifact_opts *o, char **out,
	struct err *err)
{
	AUTO(mem_freep) char *commit = NULL;
	if (!gto_is_artifact(name))
		return not_found(name, o, err);
	int r = find_commit(e, name, o, &commit, err);
	if (r >= 0)
		r = external_switch(e, commit, err);
	return r < 0 ? r : find_path(e, name, out, err);
}

static int both_given(const struct artifact_opts *o, struct err *err)
{
	if (o->version && o->stage)
		return err_kind(err, KIND_INVALID_VALUE,
			err_set(err, ERR_FAIL,
				"Artifact version and stage are mutually exclusive."));
	return 0;
}

static int download(struct external *e, const char *name, const struct artifact_opts *opts,
	char **out_path, size_t *out_files, struct err *err)
{
	AUTO(external_found_release) struct external_found found = {0};
	AUTO(mem_freep) char *path = NULL, *to = NULL;
	int r = locate(e, name, opts, &path, err);
	if (r >= 0)
		r = get_destination(path, opts->out, opts->force, &to, err);
	if (r >= 0)
		r = external_find(e, path, false, &found, err);

	AUTO(mem_freep) char *dest = path_absolute(to ? to : ".");
	if (r >= 0)
		r = external_write(&found, dest, opts->jobs, out_files, err);
	if (r >= 0)
		*out_path = TAKE(to);
	return r;
}

int ops_artifact_get(const char *url, const char *name, const struct artifact_opts *opts,
	char **out_path, size_t *out_files, bool *out_tried, struct err *err)
{
	AUTO(mem_freep) char *plain = plain_name(name);
	struct external_opts from = opts->from;
	struct external *e;

	int r = both_given(opts, err);

	/* a shallow clone would lack the tags */
	from.all_revs = true;
	*out_tried = false;
	if (r >= 0)
		r = external_open(&e, url, &from, err);
	if (r < 0)
		return r;

	r = download(e, plain, opts, out_path, out_files, err);
	external_free(e);
	if (r >= 0 || r == ERR_EXISTS)
		return r;
	*out_tried = true;

	/* DVC's text for what fails once the repository is open; a configuration error keeps its
	 * prefix */
	const char *kind = r == ERR_CONFIG ? "config file error: " : "";
	AUTO(mem_freep) char *cause = mem_strdup(err_text(err));
	return err_set(err, ERR_FAIL, "Failed to download artifact '%s' via DVC remote: %s%s",
		plain, kind, cause);
}

/* Open the repository with its tags, and find the artifact in it. The caller frees `*out`, also
 * after a failure; *out_path is a heap string. */
static int open_at(const char *url, const char *name, const struct artifact_opts *opts,
	struct external **out, char **out_path, struct err *err)
{
	AUTO(mem_freep) char *plain = plain_name(name);
	struct external_opts from = opts->from;
	from.all_revs = true; /* a shallow clone would lack the tags */
	*out = NULL;
	if (opts->version && opts->stage)
		return err_set(
			err, ERR_VALUE, "Artifact version and stage are mutually exclusive.");
	int r = external_open(out, url, &from, err);
	return r < 0 ? r : locate(*out, plain, opts, out_path, err);
}

int ops_artifact_show(const char *url, const char *name, const struct artifact_opts *opts,
	char **out_rev, char **out_path, struct err *err)
{
	AUTO(mem_freep) char *path = NULL;
	struct external *e;
	struct scm_id commit;
	int r = open_at(url, name, opts, &e, &path, err);
	if (r >= 0)
		r = external_rev(e, &commit, err);
	external_free(e);
	if (r < 0)
		return r;
	*out_rev = mem_strdup(commit.hex);
	*out_path = TAKE(path);
	return 0;
}

int ops_artifact_url(const char *url, const char *name, const struct artifact_opts *opts,
	char **out, struct err *err)
{
	AUTO(mem_freep) char *path = NULL;
	struct external *e;
	int r = open_at(url, name, opts, &e, &path, err);
	if (r >= 0)
		r = get_storage_url_in(e, path, out, err);
	external_free(e);
	return r;
}
