/* Makes documents of results. */
#include "api/values.h"

#include "api/version.h"
#include "base/alloc.h"
#include "base/path.h"

struct value *readings_list_value(
	const struct readings_list *list, const struct repo *repo, struct arena *a)
{
	struct value *revs = value_map(a);
	VEC_EACH (&list->items, r) {
		struct value *one = value_map(a);
		value_set(a, one, r->error.type ? "error" : "data", readings_to_value(r, repo, a));
		value_set(a, revs, r->rev, one);
	}
	return revs;
}

/* ---- status */

static struct value *params_value(struct arena *a, const struct status_params *params)
{
	struct value *map = value_map(a);
	VEC_EACH (params, p)
		value_set(a, map, p->name, value_string(a, entry_state_name(p->state)));
	return map;
}

/* Append {"changed deps": {path: state}}. If a path occurs several times, its last state is shown,
 * as in DVC. */
static void add_changes(
	struct arena *a, struct value *list, const char *what, const struct status_changes *changes)
{
	struct value *entry = value_map(a), *map = value_map(a);
	VEC_EACH (changes, c)
		value_set(a, map, c->path,
			c->params.count ? params_value(a, &c->params)
					: value_string(a, entry_state_name(c->state)));
	if (!changes->count)
		return;
	value_set(a, entry, what, map);
	value_append(a, list, entry);
}

static struct value *stage_status_value(struct arena *a, const struct stage_status *s)
{
	struct value *list = value_list(a);
	add_changes(a, list, "changed deps", &s->deps);
	add_changes(a, list, "changed outs", &s->outs);
	if (s->always_changed)
		value_append(a, list, value_string(a, "always changed"));
	if (s->cmd_changed)
		value_append(a, list, value_string(a, "changed command"));
	if (s->checksum_changed)
		value_append(a, list, value_string(a, "changed checksum"));
	return list;
}

struct value *status_value(const struct status *status, struct arena *a)
{
	struct value *map = value_map(a);
	VEC_EACH (&status->stages, s)
		value_set(a, map, s->name, stage_status_value(a, s));
	return map;
}

struct value *cloud_status_value(const struct cloud_status *status, struct arena *a)
{
	static const char *const states[] = {
		[CLOUD_NEW] = "new", [CLOUD_DELETED] = "deleted", [CLOUD_MISSING] = "missing"};
	struct value *map = value_map(a);
	VEC_EACH (&status->changes, c)
		value_set(a, map, c->path, value_string(a, states[c->state]));
	return map;
}

/* ---- stages */

static struct value *dep_value(const struct dep *d, struct arena *a)
{
	static const char *const kinds[] = {[DEP_FILE] = "file",
		[DEP_PARAMS] = "params",
		[DEP_REPO] = "repo",
		[DEP_URL] = "url",
		[DEP_DATASET] = "dataset",
		[DEP_DB] = "db"};
	struct value *v = value_map(a), *keys = value_list(a);
	value_set(a, v, "path", value_string(a, d->path));
	value_set(a, v, "kind", value_string(a, kinds[d->kind]));
	for (size_t i = 0; d->kind == DEP_PARAMS && i < d->key_count; i++)
		value_append(a, keys, value_string(a, d->keys[i]));
	if (d->kind == DEP_PARAMS)
		value_set(a, v, "keys", keys);
	return v;
}

static struct value *out_value(const struct out *o, struct arena *a)
{
	static const char *const kinds[] = {
		[OUT_PLAIN] = "data", [OUT_METRIC] = "metrics", [OUT_PLOT] = "plots"};
	struct value *v = value_map(a);
	value_set(a, v, "path", value_string(a, o->path));
	value_set(a, v, "kind", value_string(a, kinds[o->kind]));
	value_set(a, v, "cache", value_bool(a, o->cache));
	value_set(a, v, "persist", value_bool(a, o->persist));
	value_set(a, v, "push", value_bool(a, o->push));
	value_set(a, v, "md5", value_string_or_null(a, o->rec.hash));
	return v;
}

static struct value *stage_value(const struct repo *repo, const struct stage *s, struct arena *a)
{
	struct value *v = value_map(a), *deps = value_list(a), *outs = value_list(a);
	AUTO(mem_freep) char *addressing = stage_addressing(s, repo->cwd);
	AUTO(mem_freep) char *file = path_relative(s->file, repo->cwd);
	AUTO(mem_freep) char *wdir = path_relative(s->wdir, repo->cwd);

	value_set(a, v, "name", value_string_or_null(a, s->name));
	value_set(a, v, "addressing", value_string(a, addressing));
	value_set(a, v, "file", value_string(a, file));
	value_set(a, v, "wdir", value_string(a, wdir));
	value_set(a, v, "cmd", s->cmd ? value_copy(a, s->cmd) : value_null(a));
	value_set(a, v, "desc", value_string_or_null(a, s->desc));
	value_set(a, v, "frozen", value_bool(a, s->frozen));
	value_set(a, v, "always_changed", value_bool(a, s->always_changed));
	VEC_EACH (&s->deps, d)
		value_append(a, deps, dep_value(d, a));
	VEC_EACH (&s->outs, o)
		value_append(a, outs, out_value(o, a));
	value_set(a, v, "deps", deps);
	value_set(a, v, "outs", outs);
	return v;
}

struct value *stages_value(
	const struct repo *repo, const struct target_list *stages, struct arena *a)
{
	struct value *list = value_list(a);
	VEC_EACH (stages, t)
		value_append(a, list, stage_value(repo, t->stage, a));
	return list;
}

/* ---- others */

struct value *list_value(const struct list_entries *all, struct arena *a)
{
	struct value *list = value_list(a);
	VEC_EACH (all, e) {
		struct value *v = value_map(a);
		value_set(a, v, "isout", value_bool(a, e->is_out));
		value_set(a, v, "isdir", value_bool(a, e->is_dir));
		value_set(a, v, "isexec", value_bool(a, e->is_exec));
		value_set(a, v, "size", e->size >= 0 ? value_int(a, e->size) : value_null(a));
		value_set(a, v, "md5", value_string_or_null(a, e->md5));
		value_set(a, v, "path", value_string(a, e->path));
		value_append(a, list, v);
	}
	return list;
}

struct value *revs_value(const struct revs *revs, unsigned kinds, struct arena *a)
{
	const struct {
		const char *name;
		unsigned kind;
		const struct strlist *items;
	} lists[] = {{"branches", REVS_BRANCHES, &revs->branches}, {"tags", REVS_TAGS, &revs->tags},
		{"commits", REVS_COMMITS, &revs->commits},
		{"experiments", REVS_EXPERIMENTS, &revs->experiments}};
	struct value *map = value_map(a);

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		if (!(kinds & lists[i].kind))
			continue;
		struct value *list = value_list(a);
		for (size_t k = 0; k < lists[i].items->count; k++)
			value_append(a, list, value_string(a, lists[i].items->items[k]));
		value_set(a, map, lists[i].name, list);
	}
	return map;
}

struct value *artifact_value(const char *rev, const char *path, struct arena *a)
{
	struct value *v = value_map(a);
	value_set(a, v, "rev", value_string(a, rev));
	value_set(a, v, "path", value_string(a, path));
	return v;
}

struct value *failure_value(const struct err *err, struct arena *a)
{
	enum err_kind kind = err_kind_of(err);
	struct value *v = value_map(a);
	value_set(a, v, "kind", value_string(a, err_kind_word(kind)));
	value_set(a, v, "class", value_string(a, err_kind_class(kind)));
	value_set(a, v, "msg", value_string(a, err_plain_text(err)));
	value_set(a, v, "hint", value_string_or_null(a, err_hint_text(err)));
	return v;
}

struct value *version_value(struct arena *a)
{
	struct value *v = value_map(a);
	value_set(a, v, "cairn", value_string(a, CAIRN_VERSION));
	value_set(a, v, "dvc", value_string(a, DVC_VERSION));
	return v;
}
