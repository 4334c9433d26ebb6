/* Imports that were run before: whether the source has changed, and fetching data that the cache
 * has lost. */
#include "base/alloc.h"
#include "base/str.h"
#include "data/far.h"
#include "data/imports.h"
#include "data/origins.h"
#include "text/json.h"

/* ---- updates */

int import_is_outdated(struct repo *repo, const struct stage *s, struct err *err)
{
	const char *lock = value_get_str(s->deps.items[0].repo, "rev_lock");
	struct scm_id now;
	if (!lock)
		return 0; /* never run, so there is no recorded commit to compare */
	int r = origins_head(repo, s, &now, err);
	return r < 0 ? r : !str_eq(now.hex, lock);
}

/* ---- fetch */

/* The key of a partial import in the state database; NULL if it was never run. It contains the
 * recorded commit or hash, so that an update makes the entry obsolete. */
static char *memory_key(struct data *d, const struct stage *s)
{
	const struct dep *dep = &s->deps.items[0];
	const char *lock = dep->repo ? value_get_str(dep->repo, "rev_lock") : dep->rec.hash;
	AUTO(buf_release) struct buf files = BUF_INIT;
	if (dep->rec.files) {
		(void)json_write(&files, dep->rec.files, NULL, NULL);
		lock = buf_str(&files);
	}
	AUTO(mem_freep) char *file = repo_relative(d->repo, s->file);
	return lock ? mem_printf("%s\n%s\n%s", file, dep->path, lock) : NULL;
}

bool import_known(struct data *d, const struct stage *s, struct oid *out)
{
	AUTO(mem_freep) char *key = memory_key(d, s);
	AUTO(buf_release) struct buf text = BUF_INIT;
	return key && state_blob_get(d->state, "import", key, &text) &&
	       oid_parse(out, buf_str(&text), HASH_MD5);
}

static void remember(struct data *d, const struct stage *s, const struct oid *oid)
{
	AUTO(mem_freep) char *key = memory_key(d, s);
	char text[OID_TEXT];
	if (key)
		state_blob_put(d->state, "import", key, oid_format(oid, text),
			strlen(oid_format(oid, text)));
}

/* Without a recorded commit, the source is read as it is now. If it has other data than recorded by
 * now, that must not be fetched. */
static bool has_other_data(struct external *e, const struct dep *dep, const struct oid *want)
{
	AUTO(external_found_release) struct external_found found = {0};
	AUTO(err_release) struct err why = ERR_INIT;
	if (external_find(e, dep->path, true, &found, &why) < 0 || found.parts.count != 1 ||
		found.files.count)
		return false;
	const struct external_part *p = &found.parts.items[0];
	struct oid now = recorded_oid(&p->out->rec);
	return !*p->to && !*p->inside && !oid_equal(&now, want);
}

/* A full import has the id of its data recorded (`want`), a partial one only a commit. */
static int fetch_repo_import(struct repo *repo, struct data *d, const struct stage *s, int jobs,
	size_t *count, struct err *err)
{
	const struct out *o = &s->outs.items[0];
	struct oid want = recorded_oid(&o->rec), known, got;
	struct recorded rec = {.hash_name = "md5"};
	struct external *e;
	char text[OID_TEXT];
	size_t files = 0;

	/* a partial import that was fetched before */
	if (!oid_is_set(&want) && import_known(d, s, &known)) {
		rec.hash = oid_format(&known, text);
		if (recorded_is_cached(d, &rec, NULL) > 0)
			return 0;
	}

	int r = data_check_size(d, &o->rec, o->path, NULL, err);
	if (r < 0)
		return r;

	int has = oid_is_set(&want) ? recorded_is_cached(d, &o->rec, err) : 0;
	bool locked = value_get_str(s->deps.items[0].repo, "rev_lock");
	if (has != 0 || (!locked && !oid_is_set(&want)))
		return MIN(has, 0);

	r = origins_get(repo, s, true, &e, err);
	if (r >= 0 && !locked && has_other_data(e, &s->deps.items[0], &want))
		return 0;

	if (r >= 0)
		r = import_store_origin(d, e, &s->deps.items[0], jobs, &got, &files, err);
	if (r >= 0 && !oid_is_set(&want))
		remember(d, s, &got);
	if (r >= 0)
		*count += files;
	return r;
}

/* Store what is at a URL over the network in the cache: what was recorded, where that has versions.
 */
static int store_far(
	struct data *d, const struct dep *dep, int jobs, struct hashed *out, struct err *err)
{
	AUTO(far_state_release) struct far_state state = {0};
	struct far *far;
	int r = far_open(&far, d->repo->ctx, &d->repo->config, dep->path, dep->fs_config, err);
	if (r < 0)
		return r;
	r = far_recorded(far, &dep->rec, &state, err);
	if (r == 0)
		r = far_look(far, &state, err);
	if (r == 0)
		r = import_missing_dep(d->repo, dep, err);
	if (r > 0)
		r = far_store(far, &state, &d->cache, jobs, out, err);
	far_close(far);
	return r;
}

/* Partial imports, and those of versions: the data of others is in the user's remotes. */
static int fetch_url_import(
	struct data *d, const struct stage *s, int jobs, size_t *count, struct err *err)
{
	const struct dep *dep = &s->deps.items[0];
	AUTO(hashed_release) struct hashed now = HASHED_INIT;
	AUTO(mem_freep) char *from = NULL;
	const struct oid want = recorded_oid(&s->outs.items[0].rec);
	bool versioned = dep_is_versioned(dep);
	struct oid known;
	if (oid_is_set(&want) && recorded_is_cached(d, &s->outs.items[0].rec, NULL) > 0)
		return 0;
	if (import_known(d, s, &known) || dep->kind == DEP_DB)
		return 0; /* fetched before */
	if (!versioned && dep_state(d, dep, NULL) != ENTRY_SAME)
		return 0; /* the source no longer has the recorded data */

	bool far = dep_is_far(d, dep);
	int r = far ? store_far(d, dep, jobs, &now, err) : dep_path(d, dep, &from, err);
	if (r >= 0 && !far)
		r = data_hash(d, from, HASH_MD5, true, &now, err);
	if (r < 0)
		return r;

	if (!oid_is_set(&want))
		remember(d, s, &now.oid);
	*count += now.files;
	return 0;
}

int import_fetch(
	struct repo *repo, const struct stage *s, int jobs, size_t *out_count, struct err *err)
{
	struct data *d;
	size_t count = 0;
	int r = repo_data(repo, &d, err);
	if (r < 0)
		return r;
	if (stage_is_repo_import(s))
		r = fetch_repo_import(repo, d, s, jobs, &count, err);
	else if (import_is_partial(s) || import_is_at_source(s))
		r = fetch_url_import(d, s, jobs, &count, err);
	if (out_count)
		*out_count += count;
	return r;
}
