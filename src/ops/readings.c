#include "ops/readings.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/map.h"
#include "base/path.h"
#include "base/str.h"
#include "data/listing.h"
#include "ops/tracked_vars.h"
#include "data/data.h"
#include "project/dvcfile.h"
#include "project/ignore.h"
#include "project/params.h"
#include "project/source_git.h"
#include "scm/ref.h"
#include "scm/scm.h"
#include "store/tree.h"
#include "store/verify.h"
#include "text/flatten.h"

void readings_list_release(struct readings_list *l)
{
	VEC_EACH (&l->items, r)
		vec_release(&r->files);
	vec_release(&l->items);
}

struct reader {
	struct index *ix;
	struct arena *arena;
	struct readings *out;
	struct ignore *ignore; /* once a directory is looked into */
};

static void reader_release(struct reader *r)
{
	ignore_free(r->ignore);
}

static struct reading_error not_there(struct arena *a, const char *why, const char *path)
{
	return (struct reading_error){
		"FileNotFoundError", arena_printf(a, "[Errno 2] %s: '%s'", why, path)};
}

/* As DVC's index names a directory whose listing is nowhere: by the tuple of its names. */
static struct reading_error no_listing(struct reader *r, const struct out *o)
{
	AUTO(mem_freep) char *rel = repo_relative(r->ix->repo, o->abs_path);
	AUTO(mem_freep) char *key = path_tuple(rel);
	return (struct reading_error){
		"DataIndexDirError", arena_printf(r->arena, "failed to load directory %s", key)};
}

/* Which object of the output holds the file; false: none, and why. */
static bool find_object(struct reader *r, struct data *data, const struct out *o, const char *abs,
	const char *path, struct oid *oid, struct reading_error *why)
{
	AUTO(tree_release) struct tree tree = TREE_INIT;
	AUTO(err_release) struct err ignored = ERR_INIT;
	const char *below = abs + strlen(o->abs_path);
	if (!oid->is_dir)
		return *below == '\0';
	if (*below != '/') {
		*why = (struct reading_error){"IsADirectoryError",
			arena_printf(r->arena, "[Errno 21] Is a directory: '%s'", path)};
		return false;
	}
	if (listing_read(data, o, oid, &tree, &ignored) < 0) {
		*why = no_listing(r, o);
		return false;
	}
	const struct tree_entry *e = tree_find(&tree, below + 1);
	if (e)
		*oid = tree_entry_oid(&tree, e);
	return e != NULL;
}

static bool read_tracked(
	struct reader *r, const char *path, struct buf *text, struct reading_error *why)
{
	AUTO(err_release) struct err ignored = ERR_INIT;
	AUTO(mem_freep) char *abs = path_join(r->ix->repo->root, path);
	const struct out *o = index_find_out(r->ix, abs);
	struct oid oid = o ? recorded_oid(&o->rec) : (struct oid){0};
	bool single = !oid.is_dir, damaged = false;
	struct data *data;
	*why = not_there(r->arena, "No such file or directory", path);
	if (!oid_is_set(&oid) || repo_data(r->ix->repo, &data, &ignored) < 0 ||
		!find_object(r, data, o, abs, path, &oid, why))
		return false;
	*why = not_there(r->arena, "No storage files available", path);
	if (single && o->rec.size >= 0 &&
		verify_size(&data->cache, &oid, (uint64_t)o->rec.size, &damaged, &ignored) < 0)
		return false;
	return !damaged && object_read(data, o, &oid, text, &ignored) >= 0;
}

/* From the source, else what is tracked, in the cache or a remote. */
static bool read_file(
	struct reader *r, const char *path, struct buf *text, struct reading_error *why)
{
	AUTO(err_release) struct err missing = ERR_INIT;
	int ret = source_read(&r->ix->source, path, text, &missing);
	if (ret == ERR_NOT_FOUND)
		return read_tracked(r, path, text, why);
	*why = not_there(r->arena, "No such file or directory", path);
	return ret >= 0;
}

static const char *corrupt_type(const char *path)
{
	AUTO(mem_freep) char *suffix = str_lower(path_extension(path));
	return str_eq(suffix, ".json")   ? "JSONFileCorruptedError"
	       : str_eq(suffix, ".toml") ? "TOMLFileCorruptedError"
	       : str_eq(suffix, ".py")   ? "PythonFileCorruptedError"
					 : "YAMLFileCorruptedError";
}

static struct reading *add_reading(struct reader *r, const char *path)
{
	struct reading *f = vec_push(&r->out->files);
	f->path = arena_strdup(r->arena, path);
	return f;
}

/* Only the first part of the message: what is wrong in the text is told elsewhere. */
static struct reading_error parse_error(struct arena *a, const char *path, const char *msg)
{
	static const char corrupted[] = "structure is corrupted";
	const char *end = strstr(msg, corrupted);
	size_t len = end ? (size_t)(end - msg) + strlen(corrupted) : strlen(msg);
	return (struct reading_error){
		end ? corrupt_type(path) : "EncodingError", arena_strndup(a, msg, len)};
}

/* Read and parse one file; its value or NULL with the reading's error set. */
static struct value *load(struct reader *r, struct reading *f)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	struct value *v = NULL;
	struct reading_error why;
	if (!read_file(r, f->path, &text, &why)) {
		f->error = why;
		return NULL;
	}
	int ret = params_parse(r->arena, f->path, buf_str(&text), text.len, &v, &err);
	if (ret < 0)
		f->error = parse_error(r->arena, f->path, err.msg);
	return ret < 0 ? NULL : v;
}

/* Directories stand for all files in them. */

struct expansion {
	struct reader *reader;
	struct strlist *out;
	const char *dir;
};

static void expand(struct reader *r, const char *path, struct strlist *out);

static int expand_entry(void *ctx, const char *name, enum source_type type, struct err *err)
{
	const struct expansion *x = ctx;
	AUTO(mem_freep) char *path = path_join(x->dir, name);
	(void)err;
	if (dvcfile_has_name(name) || strcmp(name, ".dvcignore") == 0 ||
		ignore_path(x->reader->ignore, path, type == SOURCE_DIR, NULL))
		return 0;
	expand(x->reader, path, x->out);
	return 0;
}

static void add_once(struct strlist *list, const char *path)
{
	if (!strlist_has(list, path))
		strlist_add(list, path);
}

static void expand_tracked(struct reader *r, const char *path, struct strlist *out)
{
	AUTO(err_release) struct err ignored = ERR_INIT;
	AUTO(tree_release) struct tree tree = TREE_INIT;
	AUTO(mem_freep) char *abs = path_join(r->ix->repo->root, path);
	const struct out *o = index_find_out(r->ix, abs);
	struct oid oid = o ? recorded_oid(&o->rec) : (struct oid){0};
	struct data *data;
	if (!oid.is_dir || strcmp(o->abs_path, abs) != 0 ||
		repo_data(r->ix->repo, &data, &ignored) < 0 ||
		listing_read(data, o, &oid, &tree, &ignored) < 0) {
		add_once(out, path);
		return;
	}
	for (size_t i = 0; i < tree.count; i++) {
		AUTO(mem_freep) char *file = path_join(path, tree_path(&tree, &tree.entries[i]));
		add_once(out, file);
	}
}

static void expand(struct reader *r, const char *path, struct strlist *out)
{
	AUTO(err_release) struct err ignored = ERR_INIT;
	switch (source_type(&r->ix->source, path)) {
	case SOURCE_FILE:
		add_once(out, path);
		break;
	case SOURCE_DIR: {
		struct expansion x = {r, out, path};
		if (!r->ignore)
			r->ignore = ignore_new(IGNORE_DVC, &r->ix->source, NULL);
		(void)r->ix->source.list(&r->ix->source, path, expand_entry, &x,
			&ignored); /* what cannot be read is not there */
		break;
	}
	default:
		expand_tracked(r, path, out);
	}
}

static char *relative_target(const struct repo *repo, const char *target)
{
	AUTO(mem_freep) char *abs = repo_absolute(repo, target);
	return repo_relative(repo, abs);
}

/* A path of a top-level section, relative to the root. */
static char *section_path(const struct repo *repo, const struct pipeline *p, const char *path)
{
	AUTO(mem_freep) char *joined = path_join(p->dir, path);
	AUTO(mem_freep) char *abs = path_normalize(joined);
	return repo_relative(repo, abs);
}

/* Metrics */

static void collect_metrics(struct reader *r, const struct readings_opts *opts, struct strlist *out)
{
	const struct repo *repo = r->ix->repo;
	if (opts->targets && opts->targets->count) {
		for (size_t i = 0; i < opts->targets->count; i++) {
			AUTO(mem_freep) char *path = relative_target(repo, opts->targets->items[i]);
			expand(r, path, out);
		}
		return;
	}
	VEC_EACH (&r->ix->stages, s) {
		VEC_EACH (&(*s)->outs, o) {
			if (o->kind != OUT_METRIC || !o->abs_path)
				continue;
			AUTO(mem_freep) char *path = repo_relative(repo, o->abs_path);
			expand(r, path, out);
		}
	}
	VEC_EACH (&r->ix->pipelines, p) {
		for (size_t i = 0; i < value_count((*p)->metrics); i++) {
			const char *text = value_str((*p)->metrics->list.items[i].value);
			AUTO(mem_freep) char *path = text ? section_path(repo, *p, text) : NULL;
			if (path)
				expand(r, path, out);
		}
	}
}

/* Numbers and strings stay, lists and everything else go, and maps that are empty then. */
static struct value *extract(struct arena *a, struct value *v)
{
	if (value_is_number(v) || value_is(v, VALUE_STRING))
		return v;
	if (!value_is(v, VALUE_MAP))
		return NULL;
	struct value *out = value_map(a);
	for (size_t i = 0; i < v->list.count; i++) {
		const struct value_item *it = &v->list.items[i];
		struct value *kept = extract(a, it->value);
		if (!kept || (value_is(kept, VALUE_MAP) && !kept->list.count))
			continue;
		struct value_item *added = value_add(a, out, it->key, it->key_len, kept);
		added->key_kind = it->key_kind;
	}
	return out;
}

void metrics_read(
	struct index *ix, const struct readings_opts *opts, struct arena *a, struct readings *out)
{
	AUTO(reader_release) struct reader r = {ix, a, out, NULL};
	AUTO(strlist_release) struct strlist paths = STRLIST_INIT;
	collect_metrics(&r, opts, &paths);
	for (size_t i = 0; i < paths.count; i++) {
		struct reading *f = add_reading(&r, paths.items[i]);
		struct value *v = load(&r, f);
		if (!v)
			continue;
		f->data = extract(a, v);
		if (!f->data || (value_is_number(f->data) && value_number(f->data) == 0) ||
			(value_is(f->data, VALUE_STRING) && !f->data->str.len))
			f->data = value_map(a);
	}
}

/* Params */

struct wanted { /* of one file */
	struct strlist keys;
	bool whole;
};

struct wanted_files {
	struct map by_path; /* -> struct wanted, in order */
	struct arena *arena;
};

static void wanted_release(struct wanted_files *w)
{
	for (struct map_entry *e = map_next(&w->by_path, NULL); e; e = map_next(&w->by_path, e))
		strlist_release(&((struct wanted *)e->value)->keys);
	map_release(&w->by_path);
}

static struct wanted *want(struct wanted_files *w, const char *path)
{
	struct wanted *file = map_get(&w->by_path, path);
	if (!file) {
		file = ARENA_NEW(w->arena, struct wanted);
		(void)map_set(&w->by_path, path, file);
	}
	return file;
}

static void collect_stage_params(struct reader *r, struct wanted_files *w)
{
	VEC_EACH (&r->ix->stages, s) {
		VEC_EACH (&(*s)->deps, d) {
			if (d->kind != DEP_PARAMS || !d->abs_path)
				continue;
			AUTO(mem_freep) char *path = repo_relative(r->ix->repo, d->abs_path);
			struct wanted *file = want(w, path);
			file->whole |= d->key_count == 0;
			for (size_t i = 0; i < d->key_count; i++)
				add_once(&file->keys, d->keys[i]);
		}
	}
}

static void collect_params(
	struct reader *r, const struct readings_opts *opts, struct wanted_files *w)
{
	const struct repo *repo = r->ix->repo;
	if (opts->targets && opts->targets->count) {
		for (size_t i = 0; i < opts->targets->count; i++) {
			AUTO(mem_freep) char *path = relative_target(repo, opts->targets->items[i]);
			want(w, path)->whole = true;
		}
		return;
	}
	collect_stage_params(r, w);
	if (opts->deps_only)
		return;
	VEC_EACH (&r->ix->pipelines, p) {
		for (size_t i = 0; i < value_count((*p)->params); i++) {
			const char *text = value_str((*p)->params->list.items[i].value);
			AUTO(mem_freep) char *path = text ? section_path(repo, *p, text) : NULL;
			if (path)
				want(w, path)->whole = true;
		}
	}
	if (source_type(&r->ix->source, "params.yaml") == SOURCE_FILE)
		want(w, "params.yaml")->whole = true;
}

/* Put the value at a dotted key into `out` at the same place as it has in `root`. */
static void copy_key(
	struct arena *a, struct value *out, const struct value *root, const char *dotted)
{
	struct value *v = flatten_get(root, dotted);
	if (!v)
		return;
	for (;;) {
		size_t n = strcspn(dotted, ".");
		if (!dotted[n]) {
			value_setn(a, out, dotted, n, value_copy(a, v));
			return;
		}
		struct value *next = value_getn(out, dotted, n);
		if (!value_is(next, VALUE_MAP)) {
			next = value_map(a);
			value_setn(a, out, dotted, n, next);
		}
		out = next;
		dotted += n + 1;
	}
}

static bool has_reading(const struct readings *r, const char *path)
{
	VEC_EACH (&r->files, f)
		if (strcmp(f->path, path) == 0)
			return true;
	return false;
}

/* Values that the stages take from files under `vars`, unless the file is there already. */
static void add_tracked_vars(struct reader *r)
{
	struct value *all = value_map(r->arena);
	VEC_EACH (&r->ix->pipelines, p) {
		const struct value *files = tracked_vars(r->ix, *p, r->arena);
		for (size_t i = 0; i < value_count(files); i++) {
			const struct value_item *file = &files->list.items[i];
			struct value *known = value_get(all, file->key);
			for (size_t k = 0; known && k < value_count(file->value); k++)
				value_set(r->arena, known, file->value->list.items[k].key,
					file->value->list.items[k].value);
			if (!known)
				value_set(r->arena, all, file->key, file->value);
		}
	}
	for (size_t i = 0; i < value_count(all); i++)
		if (!has_reading(r->out, all->list.items[i].key))
			add_reading(r, all->list.items[i].key)->data = all->list.items[i].value;
}

void params_read(
	struct index *ix, const struct readings_opts *opts, struct arena *a, struct readings *out)
{
	AUTO(reader_release) struct reader r = {ix, a, out, NULL};
	AUTO(wanted_release) struct wanted_files w = {.arena = a};
	collect_params(&r, opts, &w);
	for (struct map_entry *e = map_next(&w.by_path, NULL); e; e = map_next(&w.by_path, e)) {
		const struct wanted *file = e->value;
		AUTO(strlist_release) struct strlist paths = STRLIST_INIT;
		expand(&r, e->key, &paths);
		for (size_t i = 0; i < paths.count; i++) {
			struct reading *f = add_reading(&r, paths.items[i]);
			f->data = load(&r, f);
			if (!f->data || file->whole)
				continue;
			struct value *some = value_map(a);
			for (size_t k = 0; k < file->keys.count; k++)
				copy_key(a, some, f->data, file->keys.items[k]);
			f->data = some;
		}
	}
	if (!opts->targets || !opts->targets->count)
		add_tracked_vars(&r);
}

/* Revisions */

static void read_index(struct index *ix, const struct readings_opts *opts, readings_fn read,
	struct arena *a, const char *rev, struct readings_list *out)
{
	struct readings *r = vec_push(&out->items);
	r->rev = arena_strdup(a, rev);
	read(ix, opts, a, r);
}

struct reading_error readings_error(struct arena *a, const struct err *why)
{
	if (!why->msg)
		return (struct reading_error){"DvcException", ""};
	size_t first = strcspn(why->msg, "\n");
	const char *line = arena_strndup(a, why->msg, first);
	const char *quote = why->msg[0] == '\'' ? strchr(why->msg + 1, '\'') : NULL;
	if (why->code != ERR_PRETTY || !quote)
		return (struct reading_error){
			str_starts(why->msg, "failed to parse '") ? "ResolveError" : "DvcException",
			arena_strdup(a, why->msg)};
	if (str_starts(quote, "' validation failed"))
		return (struct reading_error){"YAMLValidationError",
			arena_strndup(a, line, first - (line[first - 1] == '.'))};
	const char *path = why->msg + (str_starts(why->msg, "'./") ? 3 : 1);
	return (struct reading_error){
		"YAMLSyntaxError", arena_printf(a,
					   "unable to read: '%.*s', YAML file structure is "
					   "corrupted",
					   (int)(quote - path), path)};
}

static void note_failure(const struct readings_opts *opts, struct arena *a, const char *rev,
	const struct err *why, struct readings_list *out)
{
	struct readings *r = vec_push(&out->items);
	r->rev = arena_strdup(a, rev);
	r->error = readings_error(a, why);
	if (opts->warnings)
		strlist_addf(
			opts->warnings, "failed to load in revision '%s', %s", rev, r->error.msg);
}

static int read_workspace(struct repo *repo, const struct readings_opts *opts, readings_fn read,
	struct arena *a, const char *rev, struct readings_list *out)
{
	AUTO(err_release) struct err err = ERR_INIT;
	struct index *ix;
	if (repo_index(repo, &ix, &err) < 0)
		note_failure(opts, a, rev, &err, out);
	else
		read_index(ix, opts, read, a, rev, out);
	return 0;
}

static void read_revision(struct repo *repo, struct scm *scm, const struct scm_rev *rev,
	const struct readings_opts *opts, readings_fn read, struct arena *a,
	struct readings_list *out)
{
	AUTO(err_release) struct err err = ERR_INIT;
	AUTO(mem_freep) char *name = strlist_join(&rev->names, ",");
	struct source_git source;
	struct index *ix = NULL;
	source_git_init(&source, scm, &rev->id, repo->root);
	if (index_load(repo, &source.source, &ix, &err) < 0)
		note_failure(opts, a, name, &err, out);
	else
		read_index(ix, opts, read, a, name, out);
	index_free(ix);
	source_git_release(&source);
}

static bool same_readings(const struct readings *x, const struct readings *y, struct arena *a)
{
	return !x->error.type && !y->error.type &&
	       value_equal(readings_to_value(x, NULL, a), readings_to_value(y, NULL, a));
}

static void hide_workspace(struct scm *scm, struct arena *a, struct readings_list *out)
{
	AUTO(err_release) struct err ignored = ERR_INIT;
	AUTO(mem_freep) char *branch = NULL;
	struct scm_id head;
	if (scm_head(scm, &head, &branch, &ignored) < 0 || !branch || !out->items.count)
		return;
	VEC_EACH (&out->items, r) {
		if (strcmp(r->rev, branch) != 0 ||
			strcmp(out->items.items[0].rev, "workspace") != 0 ||
			!same_readings(&out->items.items[0], r, a))
			continue;
		vec_release(&out->items.items[0].files);
		memmove(out->items.items, out->items.items + 1,
			--out->items.count * sizeof(*out->items.items));
		return;
	}
}

int readings_collect(struct repo *repo, const struct readings_opts *opts, readings_fn read,
	struct arena *a, struct readings_list *out, struct err *err)
{
	bool many = opts->all_branches || opts->all_tags || opts->all_commits;
	if (!many && !(opts->revs && opts->revs->count))
		return read_workspace(repo, opts, read, a, "", out);
	AUTO(strlist_release) struct strlist named = STRLIST_INIT;
	AUTO(scm_revs_release) struct scm_revs revs = {0};
	for (size_t i = 0; opts->revs && i < opts->revs->count; i++)
		if (strcmp(opts->revs->items[i], "workspace") != 0)
			strlist_add(&named, opts->revs->items[i]);
	struct scm *scm = NULL;
	struct scm_revs_opts which = {.revs = &named,
		.num = 1,
		.all_branches = opts->all_branches,
		.all_tags = opts->all_tags,
		.all_commits = opts->all_commits};
	if (named.count || many) {
		if (!repo->git_root)
			return err_set(err, ERR_FAIL,
				"Only supported for Git repositories. If you're seeing this error in a Git "
				"repo, try updating the DVC configuration with `dvc config core.no_scm false`.");
		int ret = scm_open(&scm, repo->git_root, err);
		if (ret == 0)
			ret = scm_revs_collect(scm, &which, &revs, err);
		if (ret < 0) {
			scm_free(scm);
			return ret;
		}
	}
	(void)read_workspace(repo, opts, read, a, "workspace", out);
	VEC_EACH (&revs, rev)
		read_revision(repo, scm, rev, opts, read, a, out);
	if (opts->hide_workspace && scm)
		hide_workspace(scm, a, out);
	scm_free(scm);
	return 0;
}

/* Results */

static struct value *error_value(struct arena *a, const struct reading_error *e)
{
	struct value *v = value_map(a);
	value_set(a, v, "type", value_string(a, e->type));
	value_set(a, v, "msg", value_string(a, e->msg));
	return v;
}

static const char *shown_path(const struct repo *repo, const char *path, struct arena *a)
{
	if (!repo)
		return path;
	AUTO(mem_freep) char *abs = path_join(repo->root, path);
	AUTO(mem_freep) char *shown = repo_display(repo, abs);
	return arena_strdup(a, shown);
}

struct value *readings_to_value(const struct readings *r, const struct repo *repo, struct arena *a)
{
	struct value *files = value_map(a);
	VEC_EACH (&r->files, f) {
		struct value *one = value_map(a);
		if (f->data)
			value_set(a, one, "data", f->data);
		else
			value_set(a, one, "error", error_value(a, &f->error));
		value_set(a, files, shown_path(repo, f->path, a), one);
	}
	if (!r->error.type)
		return files;
	return error_value(a, &r->error);
}

bool readings_failed(const struct readings *r)
{
	bool failed = r->error.type != NULL;
	VEC_EACH (&r->files, f)
		failed |= !f->data;
	return failed;
}

/* Lists become their text, so that tables and differences show them whole. */
static struct value *with_lists_as_text(struct arena *a, struct value *v)
{
	if (value_is_list(v)) {
		AUTO(buf_release) struct buf text = BUF_INIT;
		value_add_repr(&text, v);
		return value_stringn(a, buf_str(&text), text.len);
	}
	if (!value_is(v, VALUE_MAP))
		return v;
	struct value *out = value_map(a);
	for (size_t i = 0; i < v->list.count; i++) {
		const struct value_item *it = &v->list.items[i];
		value_add(a, out, it->key, it->key_len, with_lists_as_text(a, it->value))
			->key_kind = it->key_kind;
	}
	return out;
}

static struct value *difference(struct arena *a, const struct value *old, const struct value *new)
{
	if (!value_is_number(old) || !value_is_number(new))
		return NULL;
	if (value_is(old, VALUE_FLOAT) || value_is(new, VALUE_FLOAT) ||
		(value_is(old, VALUE_INT) && old->integer.big) ||
		(value_is(new, VALUE_INT) && new->integer.big))
		return value_float(a, value_number(new) - value_number(old));
	int64_t x = value_is(old, VALUE_BOOL) ? old->boolean : old->integer.number, result;
	int64_t y = value_is(new, VALUE_BOOL) ? new->boolean : new->integer.number;
	if (__builtin_sub_overflow(y, x, &result))
		return value_float(a, (double)y - (double)x);
	return value_int(a, result);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static struct value *diff_file(struct arena *a, struct value *old, struct value *new, bool all)
{
	AUTO(strlist_release) struct strlist keys = STRLIST_INIT;
	struct value *out = value_map(a), *nothing = value_null(a);
	const struct value *sides[] = {flatten(a, old), flatten(a, new)};
	if (!value_is(old, VALUE_MAP) &&
		!value_is(new, VALUE_MAP)) { /* bare values, under an empty key */
		struct value *bare[] = {value_map(a), value_map(a)};
		value_set(a, bare[0], "", old ? old : nothing);
		value_set(a, bare[1], "", new ? new : nothing);
		sides[0] = bare[0];
		sides[1] = bare[1];
	}
	for (int side = 0; side < 2; side++)
		for (size_t i = 0; i < value_count(sides[side]); i++)
			strlist_add(&keys, sides[side]->list.items[i].key);
	if (keys.count)
		qsort(keys.items, keys.count, sizeof(*keys.items), by_text);
	strlist_uniq(&keys);
	for (size_t i = 0; i < keys.count; i++) {
		struct value *x = value_get(sides[0], keys.items[i]),
			     *y = value_get(sides[1], keys.items[i]);
		x = x ? x : nothing;
		y = y ? y : nothing;
		if (!all && value_equal(x, y))
			continue;
		struct value *change = value_map(a), *amount = difference(a, x, y);
		value_set(a, change, "old", x);
		value_set(a, change, "new", y);
		if (amount)
			value_set(a, change, "diff", amount);
		value_set(a, out, keys.items[i], change);
	}
	return out;
}

static struct value *data_of(const struct readings *r, const char *path, struct arena *a)
{
	if (r)
		VEC_EACH (&r->files, f)
			if (strcmp(f->path, path) == 0 && f->data)
				return with_lists_as_text(a, f->data);
	return value_map(a);
}

struct value *readings_diff(const struct readings *old, const struct readings *new, bool all,
	const struct repo *repo, struct arena *a)
{
	AUTO(strlist_release) struct strlist paths = STRLIST_INIT;
	const struct readings *both[] = {old, new};
	struct value *out = value_map(a);
	for (int side = 0; side < 2; side++)
		if (both[side])
			VEC_EACH (&both[side]->files, f)
				add_once(&paths, f->path);
	for (size_t i = 0; i < paths.count; i++) {
		struct value *changes = diff_file(
			a, data_of(old, paths.items[i], a), data_of(new, paths.items[i], a), all);
		if (changes->list.count)
			value_set(a, out, shown_path(repo, paths.items[i], a), changes);
	}
	return out;
}
