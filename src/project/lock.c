/* Entries are found by their position in the text, so that an unchanged entry keeps its bytes. */
#include "project/lock.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/sort.h"
#include "base/str.h"
#include "project/schema.h"
#include "text/yaml.h"

static int by_dep_path(const void *a, const void *b)
{
	return strcmp((*(struct dep *const *)a)->path, (*(struct dep *const *)b)->path);
}

static int by_out_path(const void *a, const void *b)
{
	return strcmp((*(struct out *const *)a)->path, (*(struct out *const *)b)->path);
}

static void set_number(struct arena *a, struct value *map, const char *key, int64_t number)
{
	if (number >= 0)
		value_set(a, map, key, value_int(a, number));
}

/* The facts of a dependency or output in the order of DVC's keys. */
static struct value *recorded_value(struct arena *a, const char *path, const struct recorded *r)
{
	struct value *v = value_map(a);
	bool legacy = r->hash_name && strcmp(r->hash_name, "md5-dos2unix") == 0;

	value_set(a, v, "path", value_string(a, path));
	if (!legacy)
		/* entries of DVC 2.x have no "hash" */
		value_set(a, v, "hash", value_string(a, "md5"));

	if (r->files) {
		value_set(a, v, "files", (struct value *)r->files);
		return v;
	}

	if (r->hash)
		value_set(a, v, legacy ? "md5" : r->hash_name, value_string(a, r->hash));

	set_number(a, v, "size", r->size);
	set_number(a, v, "nfiles", r->nfiles);
	if (r->isexec)
		value_set(a, v, "isexec", value_bool(a, true));
	if (r->cloud)
		value_set(a, v, "cloud", (struct value *)r->cloud);
	else if (r->version_id)
		value_set(a, v, "version_id", value_string(a, r->version_id));
	return v;
}

/* A dataset has no file: its record stands in the place of the hash. */
static struct value *dataset_value(struct arena *a, const struct dep *d)
{
	struct value *v = value_map(a);
	value_set(a, v, "path", value_string(a, d->path));
	if (value_count(d->locked))
		value_set(a, v, "dataset", (struct value *)d->locked);
	return v;
}

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct value_item *)a)->key, ((const struct value_item *)b)->key);
}

/* A copy with sorted keys. */
static struct value *sorted_copy(struct arena *a, const struct value *map)
{
	struct value *v = value_map(a);
	for (size_t i = 0; i < value_count(map); i++)
		value_setn(a, v, map->list.items[i].key, map->list.items[i].key_len,
			map->list.items[i].value);
	if (v->list.count)
		sort_array(v->list.items, v->list.count, sizeof(*v->list.items), by_key);
	v->list.index = NULL; /* the index of keys does not hold after sorting */
	return v;
}

struct value *lock_entry(struct arena *a, const struct stage *s)
{
	struct value *entry = value_map(a), *dep_list = value_list(a), *params = value_map(a),
		     *out_list = value_list(a);
	VEC(struct dep *) deps = {0};
	VEC(struct dep *) files = {0};
	VEC(struct out *) outs = {0};

	VEC_EACH (&s->deps, d) {
		if (d->kind == DEP_PARAMS)
			*vec_push(&files) = d;
		else
			*vec_push(&deps) = d;
	}
	VEC_EACH (&s->outs, o)
		*vec_push(&outs) = o;

	vec_sort(&deps, by_dep_path);
	vec_sort(&files, by_dep_path);
	vec_sort(&outs, by_out_path);

	VEC_EACH (&deps, d)
		value_append(a, dep_list,
			(*d)->kind == DEP_DATASET ? dataset_value(a, *d)
						  : recorded_value(a, (*d)->path, &(*d)->rec));

	VEC_EACH (&files, d) {
		/* dvc.lock has the path in normalized form */
		AUTO(mem_freep) char *path = path_relative((*d)->abs_path, s->wdir);
		if (!value_is((*d)->locked, VALUE_MAP))
			continue;
		/* DVC puts params.yaml first, other files in order of path */
		size_t at = strcmp(path, "params.yaml") == 0 ? 0 : params->list.count;
		value_insert(a, params, at, path, sorted_copy(a, (*d)->locked));
	}

	VEC_EACH (&outs, o)
		value_append(a, out_list, recorded_value(a, (*o)->path, &(*o)->rec));

	vec_release(&deps);
	vec_release(&files);
	vec_release(&outs);

	value_set(a, entry, "cmd", (struct value *)s->cmd);
	if (dep_list->list.count)
		value_set(a, entry, "deps", dep_list);
	if (params->list.count)
		value_set(a, entry, "params", params);
	if (out_list->list.count)
		value_set(a, entry, "outs", out_list);
	return entry;
}

/* The lines of an entry in the text: from the beginning of the first to the end of the last. */
struct place {
	char *name;
	size_t start, end;
	struct value *entry; /* as parsed when the file was opened, or as put since */
};

struct lock_file {
	char *path, *shown;
	/* stat(2) of the file when it was read or written; all zero: it did not exist */
	struct stat seen;
	struct buf text;
	struct arena arena;
	VEC(struct place) places;
	size_t append_at; /* where a new entry goes */
};

/* The beginning of the line at `at`. */
static size_t line_start(const struct buf *text, size_t at)
{
	while (at > 0 && text->ptr[at - 1] != '\n')
		at--;
	return at;
}

/* The beginning of the next line. */
static size_t after_line(const struct buf *text, size_t at)
{
	while (at < text->len && text->ptr[at] != '\n')
		at++;
	return MIN(at + 1, text->len);
}

/* Render the whole document in DVC's form, so that every entry has lines of its own. */
static void normalize(struct lock_file *lf, const struct value *doc)
{
	buf_clear(&lf->text);
	yaml_emit(&lf->text, doc);
}

/* Find the lines of all entries. False when the text is not in the form in which DVC writes it. */
static bool find_places(struct lock_file *lf, const struct value *doc)
{
	const struct value *stages = value_get(doc, "stages");
	if (!stages || stages->flow || !value_is(stages, VALUE_MAP))
		return false;

	size_t previous_end = 0;
	for (size_t i = 0; i < stages->list.count; i++) {
		struct value_item *it = &stages->list.items[i];
		if (it->value->flow || !it->value->pos.end)
			return false;

		struct place *p = vec_push(&lf->places);
		p->name = mem_strdup(it->key);
		p->start = line_start(&lf->text, it->key_pos.start);
		p->end = after_line(&lf->text, MAX(it->value->pos.end, it->key_pos.end) - 1);
		p->entry = it->value;

		/* DVC indents entries by two */
		if (p->start < previous_end || it->key_pos.start - p->start != 2)
			return false;
		previous_end = p->end;
	}

	lf->append_at = previous_end;
	return previous_end > 0;
}

static void clear_places(struct lock_file *lf)
{
	VEC_EACH (&lf->places, p)
		free(p->name);
	lf->places.count = 0;
}

/* Drop everything that was read. */
static void forget(struct lock_file *lf)
{
	clear_places(lf);
	buf_clear(&lf->text);
	arena_release(&lf->arena);
}

/* Remember which state of the file is in memory. */
static void look(struct lock_file *lf)
{
	if (stat(lf->path, &lf->seen) < 0)
		lf->seen = (struct stat){0};
}

/* Convert a document to the form in which DVC writes it. */
static int reshape(struct lock_file *lf, struct value *doc, struct err *err)
{
	clear_places(lf);
	/* no entry has a place yet, so keep the other keys in front of "stages:" */
	if (value_count(value_get(doc, "stages")) == 0) {
		value_remove(doc, "stages");
		normalize(lf, doc);
		buf_adds(&lf->text, "stages:\n");
		lf->append_at = lf->text.len;
		return 0;
	}

	normalize(lf, doc);

	int r = yaml_parse(&lf->arena, lf->shown, buf_str(&lf->text), lf->text.len, &doc, err);
	if (r >= 0 && !find_places(lf, doc))
		r = err_set(err, ERR_PARSE, "unable to understand lock file '%s'", lf->shown);
	return r;
}

static int load(struct lock_file *lf, struct err *err)
{
	struct value *doc = NULL;

	look(lf);
	int r = file_read(lf->path, &lf->text, err);
	if (r == ERR_NOT_FOUND) {
		err_release(err);
		return 0;
	}

	if (r >= 0)
		r = yaml_parse(&lf->arena, lf->shown, buf_str(&lf->text), lf->text.len, &doc, err);
	if (r >= 0)
		r = schema_check(SCHEMA_LOCK,
			value_is(doc, VALUE_NULL) ? value_map(&lf->arena) : doc, lf->shown,
			buf_str(&lf->text), lf->text.len, err);

	if (r < 0)
		return r;

	if (lf->text.len && lf->text.ptr[lf->text.len - 1] != '\n')
		buf_addc(&lf->text, '\n');

	/* '\r': lines would end in the wrong place */
	bool foreign = lf->text.len &&
		       (memchr(lf->text.ptr, '\r', lf->text.len) || !find_places(lf, doc));
	return foreign ? reshape(lf, doc, err) : 0;
}

/* Drop what is in memory, so that the next call reads the file: it is not what the file has. */
static void read_again(struct lock_file *lf)
{
	forget(lf);
	lf->seen = (struct stat){.st_size = -1}; /* matches no file */
}

/* Read the file again if it has changed. While a stage's command runs the repository is not locked,
 * so another process may have written the file. */
static int refresh(struct lock_file *lf, struct err *err)
{
	struct stat st = {0};
	if (stat(lf->path, &st) < 0)
		st = (struct stat){0};

	if (st.st_ino == lf->seen.st_ino && st.st_size == lf->seen.st_size &&
		file_mtime_ns(&st) == file_mtime_ns(&lf->seen))
		return 0;

	forget(lf);
	int r = load(lf, err);

	/* a file that was not understood must not be overwritten; the next call tries again */
	if (r < 0)
		read_again(lf);
	return r;
}

int lock_file_open(
	const char *pipeline_file, const char *shown, struct lock_file **out, struct err *err)
{
	struct lock_file *lf = NEW(struct lock_file);
	AUTO(mem_freep) char *dir = path_dirname(pipeline_file);
	lf->path = path_join(dir, "dvc.lock");
	lf->shown = mem_strdup(shown);
	int r = load(lf, err);
	if (r < 0)
		lock_file_free(lf);
	else
		*out = lf;
	return r;
}

void lock_file_free(struct lock_file *lf)
{
	if (!lf)
		return;
	clear_places(lf);
	vec_release(&lf->places);
	buf_release(&lf->text);
	arena_release(&lf->arena);
	free(lf->path);
	free(lf->shown);
	free(lf);
}

static void lock_file_freep(struct lock_file **lf)
{
	lock_file_free(*lf);
}

const char *lock_file_path(const struct lock_file *lf)
{
	return lf->path;
}

static struct place *find_place(struct lock_file *lf, const char *stage)
{
	VEC_EACH (&lf->places, p)
		if (strcmp(p->name, stage) == 0)
			return p;
	return NULL;
}

/* After a replacement at `at`, move the places behind it. */
static void shift(struct lock_file *lf, size_t at, size_t removed, size_t added)
{
	VEC_EACH (&lf->places, p)
		if (p->start >= at + removed) {
			p->start += added - removed;
			p->end += added - removed;
		}
	lf->append_at += added - removed;
}

/* Equal as Python's dicts are, or with the same text: a NaN is not equal to itself but has not
 * changed. */
static bool same_entry(const struct value *a, const struct value *b)
{
	AUTO(buf_release) struct buf x = BUF_INIT, y = BUF_INIT;
	if (value_equal(a, b))
		return true;

	yaml_emit(&x, a);
	yaml_emit(&y, b);
	return x.len == y.len && memcmp(x.ptr, y.ptr, x.len) == 0;
}

int lock_file_get(
	struct lock_file *lf, const char *stage, const struct value **out, struct err *err)
{
	int r = refresh(lf, err);
	const struct place *p = r < 0 ? NULL : find_place(lf, stage);
	*out = p ? p->entry : NULL;
	return r;
}

int lock_file_put(struct lock_file *lf, const char *stage, const struct value *entry,
	const char *before, struct err *err)
{
	int r = refresh(lf, err);
	if (r < 0)
		return r;

	struct place *p = find_place(lf, stage);
	/* values: 1 and 1.0 are the same but written anew */
	bool same = p && same_entry(p->entry, entry);

	AUTO(buf_release) struct buf text = BUF_INIT;
	struct value *doc = value_map(&lf->arena), *stages = value_map(&lf->arena);
	value_set(&lf->arena, stages, stage, (struct value *)entry);
	value_set(&lf->arena, doc, "stages", stages);
	yaml_emit(&text, doc);

	/* the entry as text, without the line "stages:" */
	size_t skip = strlen("stages:\n");
	if (same && p->end - p->start == text.len - skip &&
		memcmp(lf->text.ptr + p->start, text.ptr + skip, text.len - skip) == 0)
		return LOCK_SAME;

	bool created = lf->text.len == 0;
	if (created) {
		buf_adds(&lf->text, "schema: '2.0'\nstages:\n");
		lf->append_at = lf->text.len;
	}

	const struct place *next = p || !before ? NULL : find_place(lf, before);

	bool added = !p;
	size_t at = p      ? p->start
		    : next ? next->start
			   : lf->append_at,
	       removed = p ? p->end - p->start : 0;

	buf_splice(&lf->text, at, removed, text.ptr + skip, text.len - skip);
	shift(lf, at, removed, text.len - skip);

	if (!p) {
		p = vec_push(&lf->places);
		p->name = mem_strdup(stage);
		p->start = at;
	}

	p->end = p->start + text.len - skip;
	p->entry = value_copy(&lf->arena, entry);

	r = file_write(lf->path, lf->text.ptr, lf->text.len, FILE_KEEP_MODE, err);
	if (r < 0) {
		read_again(lf);
		return r;
	}
	/* our own write must not count as a change by others */
	look(lf);
	return same ? LOCK_SAME : created ? LOCK_CREATED : added ? LOCK_ADDED : LOCK_UPDATED;
}

/* Does the file have datasets, whose records would be lost with it? */
static bool has_datasets(const struct lock_file *lf)
{
	return strstr(buf_str(&lf->text), "\ndatasets:") &&
	       lf->places.items[0].start >= strlen("stages:\n") &&
	       strncmp(lf->text.ptr + lf->places.items[0].start - strlen("stages:\n"), "stages:\n",
		       strlen("stages:\n")) == 0;
}

int lock_file_remove(struct lock_file *lf, const char *stage, struct err *err)
{
	int r = refresh(lf, err);
	struct place *p = r < 0 ? NULL : find_place(lf, stage);
	if (!p)
		return r;

	if (lf->places.count == 1 && !has_datasets(lf)) {
		r = file_remove(lf->path, err);
		return r < 0 ? r : 1;
	}

	size_t at = p->start, removed = p->end - p->start;
	buf_splice(&lf->text, at, removed, NULL, 0);
	/* "stages:" alone would be null, which is not valid in a lock file */
	if (lf->places.count == 1)
		buf_splice(&lf->text, at - 1, 0, " {}", 3);

	free(p->name);
	*p = lf->places.items[--lf->places.count];
	shift(lf, at, removed, 0);
	r = file_write(lf->path, lf->text.ptr, lf->text.len, FILE_KEEP_MODE, err);
	look(lf);
	return r < 0 ? r : 1;
}

/* Replace the record with the same name, or append one. */
static void put_by_name(struct arena *a, struct value *list, const struct value *record)
{
	const char *name = value_get_str(record, "name");
	for (size_t i = 0; i < value_count(list); i++) {
		if (!str_eq(value_get_str(list->list.items[i].value, "name"), name))
			continue;
		list->list.items[i].value = (struct value *)record;
		return;
	}
	value_append(a, list, (struct value *)record);
}

int lock_put_dataset(
	const char *pipeline_file, const char *shown, const struct value *record, struct err *err)
{
	AUTO(lock_file_freep) struct lock_file *lf = NULL;
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct value *doc = NULL;
	int r = lock_file_open(pipeline_file, shown, &lf, err);
	if (r >= 0 && lf->text.len)
		r = yaml_parse(&lf->arena, shown, buf_str(&lf->text), lf->text.len, &doc, err);
	if (r < 0)
		return r;

	/* edited as a tree: an entry of `datasets` is rewritten with the whole file, as DVC does
	 * it */
	doc = value_is(doc, VALUE_MAP) ? value_copy(&lf->arena, doc) : value_map(&lf->arena);
	struct value *list = value_get(doc, "datasets");
	value_set(&lf->arena, doc, "schema", value_string(&lf->arena, "2.0"));
	if (!value_is(list, VALUE_LIST))
		value_set(&lf->arena, doc, "datasets", list = value_list(&lf->arena));

	put_by_name(&lf->arena, list, record);
	if (!value_is(value_get(doc, "stages"), VALUE_MAP))
		value_set(&lf->arena, doc, "stages", value_map(&lf->arena));

	yaml_emit(&text, doc);
	return file_write(lf->path, text.ptr, text.len, FILE_KEEP_MODE, err);
}
