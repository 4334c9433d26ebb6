/* Builds the document that a .dvc file should have, and lets text/edit.h change the existing text
 * accordingly. */
#include "project/dvcfile.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/md5.h"
#include "base/path.h"
#include "base/str.h"
#include "project/load.h"
#include "project/schema.h"
#include "text/edit.h"
#include "text/json.h"
#include "text/yaml.h"

/* A stage of a .dvc file that does not exist yet, with one output. DVC's defaults apply. */
struct stage *dvcfile_new_stage(struct arena *a, const char *file, const char *path)
{
	struct stage *s = ARENA_NEW(a, struct stage);
	AUTO(mem_freep) char *dir = path_dirname(file);
	s->file = arena_strdup(a, file);
	s->wdir = s->dir = arena_strdup(a, dir);

	struct out *o = vec_push(&s->outs);
	o->stage = s;
	o->path = arena_strdup(a, path);
	o->abs_path = arena_printf(a, "%s/%s", dir, path);
	o->rec = RECORDED_NONE;
	o->cache = o->push = true;
	return s;
}

int dvcfile_load(
	struct repo *repo, struct arena *a, const char *path, struct stage **out, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(mem_freep) char *full = path_absolute(path);
	AUTO(mem_freep) char *shown = repo_display_yaml(repo, full);
	struct value *doc;

	int r = file_read(full, &text, err);
	if (r == ERR_NOT_FOUND)
		return err_set(err, r, "'%s' does not exist", path);

	if (r >= 0)
		r = yaml_parse(a, shown, buf_str(&text), text.len, &doc, err);
	/* an empty file: let the schema report what is missing */
	if (r >= 0 && value_is(doc, VALUE_NULL))
		doc = value_map(a);

	if (r >= 0)
		r = schema_check(SCHEMA_DVC_FILE, doc, shown, buf_str(&text), text.len, err);
	return r < 0 ? r : load_dvc_file(a, repo->root, full, doc, out, err);
}

/* Set a key, or remove it when there is no value. */
static void put(struct arena *a, struct value *map, const char *key, struct value *v)
{
	if (v)
		value_set(a, map, key, v);
	else
		(void)value_remove(map, key);
}

void dvcfile_set_recorded(struct arena *a, struct value *entry, const struct recorded *rec)
{
	bool legacy = rec->hash_name && str_eq(rec->hash_name, "md5-dos2unix");
	/* an unnamed hash is MD5 */
	bool is_md5 = legacy || !rec->hash_name || str_eq(rec->hash_name, "md5");

	if (rec->files) { /* a cloud-versioned directory: its list of files has all facts */
		static const char *const sums[] = {"md5", "size", "nfiles", "cloud", "version_id"};
		for (size_t i = 0; i < ARRAY_SIZE(sums); i++)
			(void)value_remove(entry, sums[i]);
		if (!legacy && !value_get(entry, "hash"))
			value_set(a, entry, "hash", value_string(a, "md5"));
		value_set(a, entry, "files", (struct value *)rec->files);
		return;
	}
	/* New keys are appended. In a new entry, which has no path yet, this is DVC's order. */
	put(a, entry, is_md5 ? "md5" : rec->hash_name,
		rec->hash ? value_string(a, rec->hash) : NULL);
	put(a, entry, "size", rec->size >= 0 ? value_int(a, rec->size) : NULL);
	put(a, entry, "nfiles", rec->nfiles >= 0 ? value_int(a, rec->nfiles) : NULL);
	put(a, entry, "isexec", rec->isexec ? value_bool(a, true) : NULL);
	put(a, entry, "version_id", rec->version_id ? value_string(a, rec->version_id) : NULL);
	put(a, entry, "cloud", (struct value *)rec->cloud);

	if (rec->hash && !rec->files)
		(void)value_remove(entry, "files");
	if (!legacy && !value_get(entry, "hash"))
		value_set(a, entry, "hash", value_string(a, "md5"));
}

/* In a new entry the list of files is the last key. */
static void put_files_last(struct arena *a, struct value *entry)
{
	struct value *files = value_get(entry, "files");
	if (files) {
		(void)value_remove(entry, "files");
		value_set(a, entry, "files", files);
	}
}

/* Set a key unless there is no text. */
static void put_text(struct arena *a, struct value *map, const char *key, const char *text)
{
	if (text)
		value_set(a, map, key, value_string(a, text));
}

/* The entry of an output in a new file. Keys with default values are left out, as in DVC. */
static struct value *new_entry(struct arena *a, const struct out *o)
{
	struct value *entry = value_map(a);
	dvcfile_set_recorded(a, entry, &o->rec);
	value_set(a, entry, "path", value_string(a, o->path));

	put_text(a, entry, "desc", o->desc);
	put_text(a, entry, "type", o->type);
	if (o->labels)
		value_set(a, entry, "labels", value_copy(a, o->labels));
	if (o->meta)
		value_set(a, entry, "meta", value_copy(a, o->meta));

	if (!o->cache)
		value_set(a, entry, "cache", value_bool(a, false));
	if (o->persist)
		value_set(a, entry, "persist", value_bool(a, true));
	put_text(a, entry, "remote", o->remote);
	if (!o->push)
		value_set(a, entry, "push", value_bool(a, false));
	put_files_last(a, entry);
	return entry;
}

/* The entry of an import's dependency in a new file. */
static struct value *new_dep(struct arena *a, const struct dep *d)
{
	struct value *entry = value_map(a);
	if (d->kind != DEP_REPO)
		dvcfile_set_recorded(a, entry, &d->rec);
	value_set(a, entry, "path", value_string(a, d->path));
	if (d->repo)
		value_set(a, entry, "repo", value_copy(a, d->repo));
	if (d->fs_config)
		value_set(a, entry, "fs_config", value_copy(a, d->fs_config));
	put_files_last(a, entry);
	return entry;
}

/* An absolute path inside the repository is written in the form that the stage uses (see
 * load_path()). */
static void put_path(struct arena *a, struct value *entry, const char *path)
{
	const char *written = value_get_str(entry, "path");
	if (written && path_is_absolute(written) && !path_is_absolute(path))
		value_set(a, entry, "path", value_string(a, path));
}

/* Bring the entries of the dependencies up to date; entries correspond by position. */
static void update_deps(struct arena *a, const struct stage *s, struct value *list)
{
	for (size_t i = 0; i < s->deps.count; i++) {
		const struct dep *d = &s->deps.items[i];
		struct value *entry = i < value_count(list) ? list->list.items[i].value : NULL;
		/* (the facts of databases are written by the import) */
		if (!entry)
			value_append(a, list, new_dep(a, d));
		else if (d->kind == DEP_REPO)
			value_set(a, entry, "repo", value_copy(a, d->repo));
		else if (d->kind != DEP_DB)
			dvcfile_set_recorded(a, entry, &d->rec);

		if (entry)
			put_path(a, entry, d->path);
	}
}

/* The keys in front of the outputs, for a stage without a file. */
static struct value *new_document(struct arena *a, const struct stage *s)
{
	struct value *doc = value_map(a);
	put_text(a, doc, "desc", s->desc);
	put_text(a, doc, "md5", s->md5);
	if (s->frozen)
		value_set(a, doc, "frozen", value_bool(a, true));
	if (s->deps.count)
		value_set(a, doc, "deps", value_list(a));
	return doc;
}

/* The complete document: the existing one with the facts of its entries brought up to date. */
static struct value *wanted(struct arena *a, const struct stage *s)
{
	struct value *doc = s->definition ? value_copy(a, s->definition) : new_document(a, s);

	struct value *outs = value_get(doc, "outs");
	if (!outs && s->outs.count)
		value_set(a, doc, "outs", outs = value_list(a));

	if (s->deps.count && value_get(doc, "deps"))
		update_deps(a, s, value_get(doc, "deps"));

	for (size_t i = 0; i < s->outs.count; i++) {
		const struct out *o = &s->outs.items[i];
		if (i >= value_count(outs))
			value_append(a, outs, new_entry(a, o));
		else
			dvcfile_set_recorded(a, outs->list.items[i].value, &o->rec);
		put_path(a, outs->list.items[i].value, o->path);
	}

	if (!s->definition && s->meta)
		value_set(a, doc, "meta", value_copy(a, s->meta));
	return doc;
}

/* Set the checksum of an import, and remove one that another stage has. */
static void put_md5(struct arena *a, const struct stage *s, struct value *doc)
{
	char hex[MD5_HEX + 1];
	if (!s->md5) {
		(void)value_remove(doc, "md5");
		return;
	}

	if (!stage_is_import(s))
		return;

	dvcfile_import_md5(doc, hex);
	value_set(a, doc, "md5", value_string(a, hex));
}

void dvcfile_renew_md5(struct stage *s)
{
	/* put_md5() computes the value; here only its presence counts */
	const char *any = s->md5 ? s->md5 : "";
	s->md5 = stage_is_import(s) ? any : NULL;
}

/* Make the complete text of the file, keeping comments and additions of the file `text_of`. Returns
 * 1 when the text differs from that file, or the file does not exist. */
static int format(struct repo *repo, const struct stage *s, const char *text_of,
	const struct value *doc, struct buf *out, struct err *err)
{
	AUTO(mem_freep) char *shown = repo_display(repo, s->file);
	/* a stage that is neither loaded from a file nor an import has no text to keep */
	int r = s->definition || s->deps.count ? file_read(text_of, out, err) : ERR_NOT_FOUND;

	if (r >= 0)
		return edit_text(EDIT_YAML, shown, out, doc, err);
	if (r != ERR_NOT_FOUND)
		return r;

	err_release(err);
	buf_clear(out);
	yaml_emit(out, doc);
	return 1;
}

/* Write the text unless the file has it already. */
static int save(struct repo *repo, const struct stage *s, const char *text_of,
	const struct value *doc, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	int r = format(repo, s, text_of, doc, &text, err);
	if (r == 0 && !str_eq(text_of, s->file))
		r = 1; /* a copy of another file is always written */

	if (r > 0) {
		int w = file_write(s->file, text.ptr, text.len, FILE_KEEP_MODE, err);
		r = w < 0 ? w : r;
	}

	if (r >= 0)
		repo_track(repo, s->file);
	return r;
}

int dvcfile_format(struct repo *repo, const struct stage *s, struct buf *out, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *doc = wanted(&a, s);
	put_md5(&a, s, doc);
	return format(repo, s, s->file, doc, out, err);
}

int dvcfile_save(struct repo *repo, const struct stage *s, struct err *err)
{
	return dvcfile_save_as(repo, s, s->file, err);
}

int dvcfile_save_as(struct repo *repo, const struct stage *s, const char *text_of, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *doc = wanted(&a, s);
	put_md5(&a, s, doc);
	return save(repo, s, text_of, doc, err);
}

int dvcfile_save_keep_md5(struct repo *repo, const struct stage *s, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	return save(repo, s, s->file, wanted(&a, s), err);
}

int dvcfile_save_without_data(struct repo *repo, struct stage *s, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	/* the checksum is computed from the document with the data, then the data is removed */
	struct value *before = wanted(&a, s);
	put_md5(&a, s, before);

	VEC_EACH (&s->outs, o)
		o->rec = RECORDED_NONE;

	struct value *doc = wanted(&a, s);
	const char *md5 = value_get_str(before, "md5");
	if (md5)
		value_set(&a, doc, "md5", value_string(&a, md5));
	return save(repo, s, s->file, doc, err);
}

bool dvcfile_has_name(const char *path)
{
	return str_ends(path, ".dvc") || str_eq(path_basename(path), "dvc.yaml");
}

bool dvcfile_is_changed(const struct stage *s)
{
	char hex[MD5_HEX + 1];
	if (s->name || !s->definition)
		return false;

	if (!stage_is_import(s))
		return s->md5 != NULL;

	dvcfile_import_md5(s->definition, hex);
	return !str_eq(s->md5, hex);
}

/* Does this key count for the checksum? Others say nothing about the data. */
static bool counts_for_md5(const char *key)
{
	static const char *const others[] = {"desc", "type", "labels", "meta", "locked", "frozen",
		"metric", "persist", "isexec", "size", "nfiles"};
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		if (str_eq(key, others[i]))
			return false;
	}
	return true;
}

/* A copy without the keys that do not count, at any depth. */
static struct value *strip(struct arena *a, const struct value *v)
{
	if (!value_is_container(v))
		return value_copy(a, v);
	struct value *copy = value_new(a, v->kind);
	for (size_t i = 0; i < value_count(v); i++) {
		const struct value_item *it = &v->list.items[i];
		if (v->kind != VALUE_MAP)
			value_append(a, copy, strip(a, it->value));
		else if (counts_for_md5(it->key))
			value_setn(a, copy, it->key, it->key_len, strip(a, it->value));
	}
	return copy;
}

void dvcfile_import_md5(const struct value *document, char out_hex[MD5_HEX + 1])
{
	static const struct json_opts sorted = {.sort_keys = true, .dates_as_text = true};
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(buf_release) struct buf json = BUF_INIT;
	unsigned char digest[MD5_BYTES];
	struct value *doc = strip(&a, document);

	(void)value_remove(doc, "md5");
	if (str_eq(value_get_str(doc, "wdir"), "."))
		(void)value_remove(doc, "wdir");
	/* cannot fail: dates are written as text, and nothing else is left that JSON cannot express
	 */
	(void)json_write(&json, doc, &sorted, NULL);
	md5_of(json.ptr, json.len, digest);
	md5_to_hex(digest, out_hex);
}
