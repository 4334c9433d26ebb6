/* Fields of a stage are borrowed from the parsed file where possible; both live in the
 * same arena. */
#include "project/load.h"

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "store/tree.h"

static const char default_params_file[] = "params.yaml";

bool path_has_scheme(const char *path)
{
	size_t n = strspn(
		path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+.-");
	return n && strncmp(path + n, "://", 3) == 0;
}

/* `path` as an absolute, normalized path. */
static const char *absolute(struct arena *a, const char *wdir, const char *path)
{
	AUTO(mem_freep) char *joined = path_join(wdir, path);
	AUTO(mem_freep) char *full = path_normalize(joined);
	return arena_strdup(a, full);
}

const char *load_path(struct arena *a, const char *root, const char *wdir, const char *path)
{
	if (!path_is_absolute(path))
		return path;

	AUTO(mem_freep) char *full = path_normalize(path);
	if (!path_inside(full, root) || strcmp(full, root) == 0)
		return path;
	AUTO(mem_freep) char *rel = path_relative(full, wdir);
	return arena_strdup(a, rel);
}

/* The common part of all stages. */
static struct stage *new_stage(
	struct arena *a, const char *root, const char *file, const char *wdir_written)
{
	struct stage *s = ARENA_NEW(a, struct stage);
	s->root = root;
	AUTO(mem_freep) char *dir = path_dirname(file);
	s->file = arena_strdup(a, file);
	s->dir = arena_strdup(a, dir);

	s->wdir_written = wdir_written;
	s->wdir = wdir_written && *wdir_written ? absolute(a, dir, wdir_written) : s->dir;

	return s;
}

/* Append a dependency. Its kind follows from the form of the path; callers may change it. */
static struct dep *add_dep(struct arena *a, struct stage *s, const char *path)
{
	struct dep *d = vec_push(&s->deps);
	d->path = load_path(a, s->root, s->wdir, path);
	d->rec = RECORDED_NONE;

	if (str_starts(path, "ds://"))
		d->kind = DEP_DATASET;
	else if (path_has_scheme(path))
		d->kind = DEP_URL;
	else
		d->abs_path = absolute(a, s->wdir, path);
	return d;
}

/* Append an output with DVC's default flags. */
static struct out *add_out(struct arena *a, struct stage *s, const char *path)
{
	struct out *o = vec_push(&s->outs);
	o->stage = s;
	o->path = load_path(a, s->root, s->wdir, path);
	o->rec = RECORDED_NONE;
	o->cache = o->push = true;

	if (!path_has_scheme(path))
		o->abs_path = absolute(a, s->wdir, path);
	return o;
}

void stage_release(struct stage *s)
{
	vec_release(&s->deps);
	vec_release(&s->outs);
}

static bool flag_or(const struct value *map, const char *key, bool fallback)
{
	const struct value *v = value_get(map, key);
	return value_is(v, VALUE_BOOL) ? v->boolean : fallback;
}

/* Set the flags that an entry has; others keep their value. */
static void set_flags(struct out *o, const struct value *flags)
{
	o->cache = flag_or(flags, "cache", o->cache);
	o->persist = flag_or(flags, "persist", o->persist);
	o->push = flag_or(flags, "push", o->push);
	if (value_get_str(flags, "remote"))
		o->remote = value_get_str(flags, "remote");
	if (value_get_str(flags, "desc"))
		o->desc = value_get_str(flags, "desc");
	if (value_get_str(flags, "type"))
		o->type = value_get_str(flags, "type");
	if (value_get(flags, "labels"))
		o->labels = value_get(flags, "labels");
	if (value_get(flags, "meta"))
		o->meta = value_get(flags, "meta");
}

/* The other keys of an output are not for plots. */
static bool is_plot_property(const char *key)
{
	static const char *const names[] = {
		"template", "x", "y", "x_label", "y_label", "title", "header"};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(names[i], key) == 0)
			return true;
	return false;
}

/* Collect the plot properties among the flags of an output. */
static void set_plot(struct arena *a, struct out *o, const struct value *flags)
{
	struct value *props = o->plot ? (struct value *)o->plot : NULL;
	for (size_t i = 0; i < value_count(flags); i++) {
		const struct value_item *it = &flags->list.items[i];
		if (!it->key || !is_plot_property(it->key))
			continue;

		if (!props)
			props = value_map(a);
		value_set(a, props, it->key, it->value);
	}
	o->plot = props;
}

/* A path from ${...} may be of any type. DVC ends with an uncaught exception then. */
static int refuse_path(
	const struct stage *s, const char *section, const struct value *v, struct err *err)
{
	return err_set(err, ERR_FAIL,
		"'%s' of stage '%s' must be text, got '%s' (quote the value where it is defined)",
		section, s->name, value_type_name(v));
}

/* Keys of a mapping have a type of their own in YAML. */
static int check_path_key(
	const struct stage *s, const char *section, const struct value_item *it, struct err *err)
{
	const struct value as_value = {.kind = it->key_kind};
	return it->key_kind == VALUE_STRING ? 0 : refuse_path(s, section, &as_value, err);
}

/* Add one list of outs, metrics or plots: strings, or maps from paths to flags. A path that occurs
 * twice is one output. */
static int add_outs(struct arena *a, struct stage *s, const struct value *list, enum out_kind kind,
	struct err *err)
{
	static const char *const sections[] = {
		[OUT_PLAIN] = "outs", [OUT_METRIC] = "metrics", [OUT_PLOT] = "plots"};
	size_t first = s->outs.count;
	for (size_t i = 0; i < value_count(list); i++) {
		const struct value *entry = list->list.items[i].value;
		size_t n = value_is(entry, VALUE_MAP) ? entry->list.count : 1;
		for (size_t k = 0; k < n; k++) {
			const char *path = value_is(entry, VALUE_MAP) ? entry->list.items[k].key
								      : value_str(entry);

			if (!path)
				return err_set(err, ERR_VALUE, "'%s' not supported.",
					value_type_name(entry));

			if (value_is(entry, VALUE_MAP)) {
				int r = check_path_key(
					s, sections[kind], &entry->list.items[k], err);
				if (r < 0)
					return r;
			}

			struct out *o = NULL;
			/* only this list: the same path in two lists is reported later, as an
			 * overlap */
			for (size_t j = first; j < s->outs.count && !o; j++)
				if (strcmp(s->outs.items[j].path, path) == 0)
					o = &s->outs.items[j];

			if (!o)
				o = add_out(a, s, path);

			o->kind = kind;
			if (value_is(entry, VALUE_MAP)) {
				const struct value *flags = entry->list.items[k].value;
				/* (the schema accepts it, as DVC's does) */
				if (value_is_list(flags))
					return err_set(err, ERR_VALUE,
						"Expected dict for '%s', got: 'list'", path);
				set_flags(o, flags);
				if (kind == OUT_PLOT)
					set_plot(a, o, entry->list.items[k].value);
			}
		}
	}
	return 0;
}

/* A file of `params` and the keys of it that are tracked. */
struct param_file {
	const char *path;
	bool whole; /* the file is a dependency as a whole */
	VEC(const char *) keys;
};
VEC_TYPE(param_files, struct param_file);

/* Parameters of one file are one dependency, however many entries name the file. */
static struct param_file *param_file(struct param_files *files, const char *path)
{
	VEC_EACH (files, f)
		if (strcmp(f->path, path) == 0)
			return f;
	struct param_file *f = vec_push(files);
	f->path = path;
	return f;
}

/* Is the file tracked as a whole? It is if any entry names it without keys. */
static bool is_wholly_tracked(const struct value *list, const char *path)
{
	for (size_t i = 0; i < value_count(list); i++) {
		const struct value_item *it = value_item(list->list.items[i].value, path);
		if (it && value_is_falsy(it->value))
			return true;
	}
	return false;
}

/* Collect the keys of one entry of `params`: a key of params.yaml, or a map from files to keys. */
static int note_params(struct arena *a, const struct stage *s, const struct value *list,
	const struct value *entry, struct param_files *files, struct err *err)
{
	if (value_is(entry, VALUE_STRING)) {
		if (!is_wholly_tracked(list, default_params_file))
			*vec_push(&param_file(files, default_params_file)->keys) = entry->str.ptr;
		return 0;
	}

	if (!value_is(entry, VALUE_MAP))
		return err_set(err, ERR_VALUE, "Only list of str/dict is supported. Got: '%s'.",
			value_type_name(entry));

	for (size_t k = 0; k < value_count(entry); k++) {
		const struct value_item *it = &entry->list.items[k];
		int r = check_path_key(s, "params", it, err);
		if (r < 0)
			return r;

		struct param_file *f = param_file(files, it->key);
		if (is_wholly_tracked(list, it->key)) {
			f->whole = true;
			continue;
		}

		if (!value_is_list(it->value))
			return err_set(err, ERR_VALUE,
				"Expected list of params for custom params file '%s', got '%s'.",
				it->key, value_type_name(it->value));
		for (size_t j = 0; j < it->value->list.count; j++) {
			AUTO(buf_release) struct buf key = BUF_INIT;
			value_add_str(&key, it->value->list.items[j].value);
			*vec_push(&f->keys) = arena_strdup(a, buf_str(&key));
		}
	}
	return 0;
}

/* Make one dependency for each file, with its keys in order and without duplicates. */
static void add_param_file(struct arena *a, struct stage *s, const struct param_file *f)
{
	struct dep *d = add_dep(a, s, f->path);
	d->kind = DEP_PARAMS;

	/* a URL is no file of parameters; as a path it leads to a file that does not exist */
	if (!d->abs_path)
		d->abs_path = absolute(a, s->wdir, f->path);

	const char **keys = ARENA_ARRAY(a, const char *, f->keys.count + 1);
	for (size_t i = 0; i < f->keys.count; i++) {
		bool seen = false;
		for (size_t j = 0; j < d->key_count && !seen; j++)
			seen = strcmp(keys[j], f->keys.items[i]) == 0;
		if (!seen)
			keys[d->key_count++] = f->keys.items[i];
	}
	d->keys = keys;
}

/* One dependency for each file, in the order in which files first appear, as DVC has it. */
static int add_params(struct arena *a, struct stage *s, const struct value *list, struct err *err)
{
	struct param_files files = {0};
	int r = 0;
	for (size_t i = 0; r >= 0 && i < value_count(list); i++)
		r = note_params(a, s, list, list->list.items[i].value, &files, err);

	VEC_EACH (&files, f) {
		if (r >= 0)
			add_param_file(a, s, f);
		vec_release(&f->keys);
	}
	vec_release(&files);
	return r;
}

static int add_deps(struct arena *a, struct stage *s, const struct value *list, struct err *err)
{
	for (size_t i = 0; i < value_count(list); i++) {
		const struct value *path = list->list.items[i].value;
		if (!value_is(path, VALUE_STRING))
			return refuse_path(s, "deps", path, err);
		add_dep(a, s, path->str.ptr);
	}
	return 0;
}

/* Release what the arena does not own when the stage cannot be used. */
static int finish_stage(struct stage *s, int r, struct stage **out)
{
	if (r < 0)
		stage_release(s);
	else
		*out = s;
	return r;
}

int load_stage(struct arena *a, const char *root, const char *file, const char *name,
	const struct value *definition, struct stage **out, struct err *err)
{
	const struct value *wdir = value_get(definition, "wdir");
	const char *wdir_text = value_str(wdir);
	/* (an empty wdir is the directory of dvc.yaml) */
	struct stage *s = new_stage(a, root, file, wdir_text && *wdir_text ? wdir_text : NULL);

	s->name = arena_strdup(a, name);
	s->definition = definition;

	const struct value *cmd = value_get(definition, "cmd");
	s->cmd = value_is(cmd, VALUE_NULL) ? NULL : cmd;
	s->frozen = value_get_bool(definition, "frozen");
	s->always_changed = value_get_bool(definition, "always_changed");
	s->desc = value_get_str(definition, "desc");
	s->meta = value_get(definition, "meta");

	int r = !wdir || wdir_text || value_is(wdir, VALUE_NULL)
			? 0
			: refuse_path(s, "wdir", wdir, err);
	if (r >= 0)
		r = add_deps(a, s, value_get(definition, "deps"), err);
	if (r >= 0)
		r = add_params(a, s, value_get(definition, "params"), err);
	if (r >= 0)
		r = add_outs(a, s, value_get(definition, "outs"), OUT_PLAIN, err);
	if (r >= 0)
		r = add_outs(a, s, value_get(definition, "metrics"), OUT_METRIC, err);
	if (r >= 0)
		r = add_outs(a, s, value_get(definition, "plots"), OUT_PLOT, err);
	return finish_stage(s, r, out);
}

/* A checksum as text. YAML may have read it as a number (all digits), so any type is accepted. */
static const char *checksum_text(struct arena *a, const struct value *v, bool lower)
{
	if (!v || value_is(v, VALUE_NULL))
		return NULL;

	AUTO(buf_release) struct buf text = BUF_INIT;
	value_add_str(&text, v);
	AUTO(mem_freep) char *low = lower ? str_lower(buf_str(&text)) : mem_strdup(buf_str(&text));
	return *low ? arena_strdup(a, low) : NULL;
}

/* Read the recorded facts of an entry in a .dvc file or dvc.lock. */
static struct recorded read_recorded(struct arena *a, const struct value *entry)
{
	struct recorded r = RECORDED_NONE;
	const char *hash = value_get_str(entry, "hash");

	/* in an entry with another hash the key "md5" is not its checksum */
	if (!hash || strcmp(hash, "md5") == 0 || strcmp(hash, "md5-dos2unix") == 0)
		r.hash = checksum_text(a, value_get(entry, "md5"), true);
	if (r.hash) {
		/* entries of DVC 2.x do not name their hash */
		r.hash_name = hash ? hash : "md5-dos2unix";
	} else {
		static const char *const others[] = {"checksum", "etag"};
		for (size_t i = 0; i < ARRAY_SIZE(others) && !r.hash; i++) {
			r.hash = checksum_text(a, value_get(entry, others[i]), i == 0);
			r.hash_name = r.hash ? others[i] : NULL;
		}
	}

	r.size = value_get_int(entry, "size", -1);
	r.nfiles = value_get_int(entry, "nfiles", -1);
	r.isexec = value_get_bool(entry, "isexec");
	r.version_id = value_get_str(entry, "version_id");
	r.files = value_get(entry, "files");
	r.cloud = value_get(entry, "cloud");
	return r;
}

bool load_files_tree(const struct value *files, struct tree *out)
{
	out->hash = HASH_MD5;
	for (size_t i = 0; i < value_count(files); i++) {
		const struct value *entry = files->list.items[i].value;
		const char *path = value_get_str(entry, "relpath");
		const char *md5 = value_get_str(entry, "md5");
		struct oid o;
		if (!path || !md5 || !oid_parse(&o, md5, HASH_MD5))
			return false;
		struct tree_entry *e = tree_add(out, path, strlen(path));
		memcpy(e->digest, o.digest, MD5_BYTES);
		e->hashed = true;
	}
	tree_sort(out);
	return true;
}

/* A cloud-versioned directory has no checksum of its own, only a list of its files. Compute the
 * name of the listing that these files make. A list without checksums is left alone. */
static void name_listing(struct arena *a, struct recorded *r)
{
	AUTO(tree_release) struct tree t = TREE_INIT;
	char text[OID_TEXT];

	if (r->hash || !value_is_list(r->files) || !load_files_tree(r->files, &t))
		return;

	const struct oid listing = tree_oid(&t);

	r->hash_name = "md5";
	r->hash = arena_strdup(a, oid_format(&listing, text));
	r->nfiles = (int64_t)t.count;
}

static const struct value *entry_for(const struct value *entries, const char *path)
{
	const struct value *found = NULL; /* the last entry of a path counts, as in a Python dict */
	for (size_t i = 0; i < value_count(entries); i++) {
		const char *p = value_get_str(entries->list.items[i].value, "path");
		if (p && strcmp(p, path) == 0)
			found = entries->list.items[i].value;
	}
	return found;
}

/* The record of a params file. dvc.lock has its path in normalized form. DVC looks it up as written
 * in dvc.yaml, and so does not find "./p.yaml" again; cairn does. */
static const struct value *locked_params(
	const struct stage *s, const struct dep *d, const struct value *params)
{
	const struct value *found = value_get(params, d->path);
	if (found || !params)
		return found;
	AUTO(mem_freep) char *path = path_relative(d->abs_path, s->wdir);
	return value_get(params, path);
}

void load_lock_entry(struct arena *a, struct stage *stage, const struct value *entry)
{
	if (!entry)
		return;
	stage->locked = true;

	const struct value *cmd = value_get(entry, "cmd");
	/* a stage without cmd matches a record without cmd */
	stage->cmd_changed = !(
		stage->cmd ? value_equal(cmd, stage->cmd) : !cmd || value_is(cmd, VALUE_NULL));

	VEC_EACH (&stage->deps, d) {
		if (d->kind == DEP_PARAMS) {
			d->locked = locked_params(stage, d, value_get(entry, "params"));
			continue;
		}

		d->raw = entry_for(value_get(entry, "deps"), d->path);
		if (d->kind == DEP_DATASET)
			d->locked = value_get(d->raw, "dataset");
		if (d->raw)
			d->rec = read_recorded(a, d->raw);
		if (d->kind == DEP_FILE)
			name_listing(a, &d->rec);
	}

	VEC_EACH (&stage->outs, o) {
		o->raw = entry_for(value_get(entry, "outs"), o->path);
		if (o->raw)
			o->rec = read_recorded(a, o->raw);
		/* a list of files may be that of a cloud-versioned directory */
		name_listing(a, &o->rec);
	}
}

int load_dvc_file(struct arena *a, const char *root, const char *file, const struct value *doc,
	struct stage **out, struct err *err)
{
	if (!value_is(doc, VALUE_MAP))
		doc = value_map(a); /* an empty file */

	struct stage *s = new_stage(a, root, file, value_get_str(doc, "wdir"));
	s->definition = doc;
	/* "locked" is the old name of "frozen" */
	s->frozen = value_get_bool(doc, "frozen") || value_get_bool(doc, "locked");
	s->always_changed = value_get_bool(doc, "always_changed");
	s->desc = value_get_str(doc, "desc");
	s->meta = value_get(doc, "meta");
	s->md5 = checksum_text(a, value_get(doc, "md5"), true);

	const struct value *deps = value_get(doc, "deps"), *outs = value_get(doc, "outs");
	for (size_t i = 0; i < value_count(deps); i++) {
		const struct value *entry = deps->list.items[i].value;
		const char *path = value_get_str(entry, "path");
		bool db = value_get(entry, "db") != NULL;
		if (!path && !db)
			/* (the wording of DVC's KeyError) */
			return finish_stage(s, err_set(err, ERR_VALUE, "'path'"), out);

		struct dep *d = add_dep(a, s, path ? path : "");
		d->raw = entry;
		d->rec = read_recorded(a, entry);
		d->repo = value_get(entry, "repo");
		d->fs_config = value_get(entry, "fs_config");

		if (d->repo)
			d->kind = DEP_REPO;
		if (db)
			d->kind = DEP_DB;
	}

	for (size_t i = 0; i < value_count(outs); i++) {
		const struct value *entry = outs->list.items[i].value;
		struct out *o = add_out(a, s, value_get_str(entry, "path"));
		o->raw = entry;
		o->rec = read_recorded(a, entry);
		name_listing(a, &o->rec);
		o->fs_config = value_get(entry, "fs_config");
		set_flags(o, entry);
	}

	*out = s;
	return 0;
}
