/* Connects stages with the files of the run-cache (store/runcache.h): keys, entries, outputs. */
#include "run/runs.h"

#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/log.h"
#include "data/pull.h"
#include "project/index.h"
#include "project/load.h"
#include "project/lock.h"
#include "project/schema.h"
#include "store/runcache.h"
#include "text/yaml.h"

bool runs_can_hash(const struct stage *s)
{
	if (!s->cmd || !s->deps.count || !s->outs.count || stage_is_callback(s) ||
		s->always_changed)
		return false;
	VEC_EACH (&s->deps, d)
		if (d->kind == DEP_REPO || d->kind == DEP_DB || d->kind == DEP_DATASET)
			return false;
	VEC_EACH (&s->outs, o)
		if (!o->abs_path || o->persist)
			return false;
	return true;
}

struct stage *runs_stage_of_entry(struct arena *a, const struct stage *s, const struct value *entry)
{
	struct stage *copy = ARENA_NEW(a, struct stage);
	*copy = *s;
	memset(&copy->deps, 0, sizeof(copy->deps));
	memset(&copy->outs, 0, sizeof(copy->outs));
	VEC_EACH (&s->outs, o) {
		struct out *mine = vec_push(&copy->outs);
		*mine = *o;
		mine->rec = RECORDED_NONE;
	}
	load_lock_entry(a, copy, entry);
	return copy;
}

/* Fetch the outputs of an entry. A failure is not reported: the caller checks what is in the cache.
 */
static void fetch_outs(struct data *d, const struct stage *made)
{
	AUTO(oid_list_release) struct oid_list wanted = {0};
	VEC_EACH (&made->outs, o) {
		struct oid oid = recorded_oid(&o->rec);
		if (oid_is_set(&oid))
			oid_list_add(&wanted, &oid);
	}
	oid_list_sort(&wanted);
	AUTO(err_release) struct err why = ERR_INIT;
	if (pull_objects(d->repo, &wanted, &why) < 0)
		log_debug(
			d->repo->ctx, "unable to fetch the outputs of an earlier run: %s", why.msg);
}

int runs_outs_cached(struct data *d, struct arena *a, const struct stage *s,
	const struct value *entry, bool pull, struct err *err)
{
	struct stage *made = runs_stage_of_entry(a, s, entry);
	int r = 1;
	if (pull)
		fetch_outs(d, made);
	VEC_EACH (&made->outs, o) {
		AUTO(mem_freep) char *shown = out_display(d->repo, o);
		int checked = r > 0 ? data_check_size(d, &o->rec, shown, NULL, err) : 0;
		if (r > 0)
			r = checked < 0 ? checked : recorded_is_cached(d, &o->rec, err);
	}
	vec_release(&made->outs);
	return r;
}

/* 1: read; 0: the file is corrupt. */
static int read_entry(struct data *d, struct arena *a, const char *path, unsigned flags,
	const struct progress *progress, const struct value **out, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct value *doc = NULL;
	int r = file_read(path, &text, err);
	if (r < 0)
		return r;

	if (yaml_parse(a, path, buf_str(&text), text.len, &doc, NULL) < 0 ||
		schema_check(SCHEMA_LOCK_STAGE, doc, path, buf_str(&text), text.len, NULL) < 0) {
		AUTO(mem_freep) char *shown = repo_display(d->repo, path);
		progress_warn(progress, "corrupted cache file '%s'.", shown);
		if (!(flags & RUNS_KEEP_CORRUPT))
			(void)unlink(path); /* best effort: it is reported again next time */
		return 0;
	}

	*out = doc;
	return 1;
}

/* As in DVC, a stage that depends on data in the network has no entries. */
static bool has_far_dep(const struct data *d, const struct stage *s)
{
	VEC_EACH (&s->deps, dep) {
		if (dep->kind == DEP_URL && dep_is_far(d, dep))
			return true;
	}
	return false;
}

int runs_find(struct data *d, struct arena *a, const struct stage *s, bool pull, unsigned flags,
	const struct progress *progress, const struct value **out_entry, struct err *err)
{
	char key[SHA256_HEX + 1];
	*out_entry = NULL;
	if (has_far_dep(d, s))
		return 0;

	int r = runcache_key(lock_entry(a, s), key, err);
	AUTO(strlist_release) struct strlist paths = STRLIST_INIT;

	if (r >= 0)
		r = runcache_find(&d->cache, key, &paths, err);
	if (r < 0 || paths.count == 0)
		return MIN(r, 0);

	/* entries under one key differ in their outputs; as in DVC, only the newest counts */
	const struct value *entry = NULL;
	r = read_entry(d, a, paths.items[0], flags, progress, &entry, err);
	if (r <= 0)
		return r;

	r = runs_outs_cached(d, a, s, entry, pull, err);
	if (r > 0)
		*out_entry = entry;
	return MIN(r, 0);
}

int runs_save(struct data *d, struct stage *s, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	if (has_far_dep(d, s))
		return 0;
	/* outputs with `cache: false` are not in the cache yet */
	VEC_EACH (&s->outs, o) {
		struct oid want = recorded_oid(&o->rec);
		int has = o->cache || !oid_is_set(&want) ? 1 : cache_has(&d->cache, &want, err);
		if (has < 0)
			return has;
		if (has)
			continue;
		AUTO(hashed_release) struct hashed now = HASHED_INIT;
		int r = data_hash(d, o->abs_path, want.hash, true, &now, err);
		if (r < 0)
			return r;
	}

	char key[SHA256_HEX + 1], value[SHA256_HEX + 1];
	struct value *entry = lock_entry(&a, s);
	int r = runcache_key(entry, key, err);
	if (r >= 0)
		r = runcache_value(entry, value, err);
	if (r < 0)
		return r;

	AUTO(buf_release) struct buf text = BUF_INIT;
	yaml_emit(&text, entry);
	return runcache_save(&d->cache, key, value, text.ptr, text.len, err);
}
