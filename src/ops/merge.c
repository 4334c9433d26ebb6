#include "ops/merge.h"

#include <sys/stat.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "data/listing.h"
#include "data/data.h"
#include "project/dvcfile.h"
#include "project/load.h"
#include "store/remote.h"
#include "store/tree.h"
#include "text/yaml.h"

/* ---- .dvc files */

struct three {
	struct stage *ancestor, *our, *their;
};

/* Only .dvc files of `add` can be merged: one output, no command, no dependencies. */
static int check_stage(const struct stage *s, struct err *err)
{
	if (s->cmd || s->deps.count || s->outs.count > 1)
		return err_set(err, ERR_FAIL,
			"unable to auto-merge DVC files that weren't created by `dvc add`");
	return 0;
}

/* A copy of an output's entry without the fields that identify its data. */
static struct value *options_of(struct arena *a, const struct out *o)
{
	static const char *const facts[] = {"md5", "size", "nfiles", "hash"};
	struct value *options = value_copy(a, o->raw);
	for (size_t i = 0; i < ARRAY_SIZE(facts); i++)
		(void)value_remove(options, facts[i]);
	return options;
}

/* Both outputs must have the same options and be directories. */
static int check_out(struct arena *a, const struct out *our, const struct out *o, struct err *err)
{
	if (!value_equal(options_of(a, our), options_of(a, o)) ||
		!str_eq(our->rec.hash_name, o->rec.hash_name))
		return err_set(
			err, ERR_FAIL, "unable to auto-merge outputs with different options");
	if (!recorded_oid(&o->rec).is_dir)
		return err_set(
			err, ERR_FAIL, "unable to auto-merge outputs that are not directories");
	return 0;
}

/* Read the listing of an output. It is fetched if needed, since data of another branch may never
 * have been in this cache. */
static int read_listing(struct data *d, const struct out *o, struct tree *out, struct err *err)
{
	AUTO(remotes_release) struct remotes remotes = {0};
	struct oid oid = recorded_oid(&o->rec);
	int r = listing_fetch(&remotes, d, o, &oid, NULL, NULL, err);
	if (r == ERR_NOT_FOUND)
		err_hint(err,
			"The listing of the directory is needed to merge it; fetch it with 'dvc fetch --all-branches'.");
	return r < 0 ? r : cache_read_tree(&d->cache, &oid, out, err);
}

/* NULL stands for a file that is absent. */
static bool same_entry(const struct tree_entry *a, const struct tree_entry *b)
{
	return a && b ? memcmp(a->digest, b->digest, MD5_BYTES) == 0 : a == b;
}

/* Merge one file: `*out` is the version of the side that changed it; NULL: deleted. False: both
 * sides changed it, and differently. */
static bool merge_entry(const struct tree_entry *ancestor, const struct tree_entry *our,
	const struct tree_entry *their, const struct tree_entry **out)
{
	*out = same_entry(ancestor, our) ? their : our;
	return same_entry(our, their) || same_entry(ancestor, our) || same_entry(ancestor, their);
}

struct merge {
	struct tree ancestor, our, their, merged;
	struct strlist conflicts;
};

static void merge_release(struct merge *m)
{
	tree_release(&m->ancestor);
	tree_release(&m->our);
	tree_release(&m->their);
	tree_release(&m->merged);
	strlist_release(&m->conflicts);
}

/* Add the merged version of one file, or a conflict. */
static void merge_path(struct merge *m, const char *path)
{
	const struct tree_entry *e, *our = tree_find(&m->our, path),
				    *their = tree_find(&m->their, path);
	if (!merge_entry(tree_find(&m->ancestor, path), our, their, &e)) {
		strlist_add(&m->conflicts, path);
	} else if (e) {
		struct tree_entry *copy = tree_add(&m->merged, path, strlen(path));
		memcpy(copy->digest, e->digest, MD5_BYTES);
		copy->hashed = true;
	}
}

/* Merge the listings into m->merged. All conflicts are named in one message. */
static int merge_trees(struct merge *m, struct err *err)
{
	m->merged.hash = m->our.hash;

	for (size_t i = 0; i < m->our.count; i++)
		merge_path(m, tree_path(&m->our, &m->our.entries[i]));

	for (size_t i = 0; i < m->their.count; i++) {
		const char *path = tree_path(&m->their, &m->their.entries[i]);
		if (!tree_find(&m->our, path))
			merge_path(m, path);
	}

	tree_sort(&m->merged);

	/* one side may have a file where the other has a directory */
	AUTO(buf_release) struct buf room = BUF_INIT;
	const char *both = tree_conflict(&m->merged, &room);
	if (both)
		strlist_add(&m->conflicts, both);
	if (!m->conflicts.count)
		return 0;

	strlist_sort(&m->conflicts);
	AUTO(mem_freep) char *paths = strlist_join(&m->conflicts, "\n");
	return err_set(err, ERR_FAIL, "unable to auto-merge the following paths:\n%s", paths);
}

/* The sum of the sizes of the files, in bytes; -1 if the cache lacks one, so that the size is not
 * known. */
static int64_t size_in_cache(const struct cache *c, const struct tree *t)
{
	AUTO(buf_release) struct buf path = BUF_INIT;
	int64_t sum = 0;
	for (size_t i = 0; i < t->count; i++) {
		struct oid o = tree_entry_oid(t, &t->entries[i]);
		struct stat st;
		buf_clear(&path);
		cache_object_path(c, &o, &path);
		if (stat(path.ptr, &st) < 0)
			return -1;
		sum += st.st_size;
	}
	return sum;
}

/* Merge the directories of two .dvc files: store the merged listing and record it in `s->our`. Our
 * output is compared with itself, too, because an ancestor may be missing and it must be a
 * directory. */
static int merge_outs(struct repo *repo, struct arena *a, const struct three *s, struct err *err)
{
	AUTO(merge_release) struct merge m = {0};
	AUTO(cache_lock_release) struct cache_lock lock = {0};
	struct out *our = &s->our->outs.items[0];
	const struct out *their = &s->their->outs.items[0],
			 *ancestor = s->ancestor->outs.count ? &s->ancestor->outs.items[0] : NULL;
	struct data *d;
	struct oid oid;
	char text[OID_TEXT];

	int r = ancestor ? check_out(a, our, ancestor, err) : 0;
	if (r >= 0)
		r = check_out(a, our, our, err);
	if (r >= 0)
		r = check_out(a, our, their, err);
	if (r >= 0)
		r = repo_data(repo, &d, err);

	/* no pointer names the merged listing until the .dvc file is written: keep gc away */
	if (r >= 0)
		r = cache_lock_take(&lock, &d->cache, false, err);
	if (r >= 0 && ancestor)
		r = read_listing(d, ancestor, &m.ancestor, err);
	if (r >= 0)
		r = read_listing(d, our, &m.our, err);
	if (r >= 0)
		r = read_listing(d, their, &m.their, err);
	if (r >= 0)
		r = merge_trees(&m, err);
	if (r >= 0)
		r = cache_add_tree(&d->cache, &m.merged, &oid, err);
	if (r < 0)
		return r;

	our->rec.hash = arena_strdup(a, oid_format(&oid, text));
	our->rec.size = size_in_cache(&d->cache, &m.merged);
	our->rec.nfiles = (int64_t)m.merged.count;
	return 0;
}

/* A side without outputs has nothing to merge; the other side is taken. */
static int merge_stages(struct repo *repo, struct arena *a, struct three *s, struct err *err)
{
	if (!s->their->outs.count)
		return 0;
	if (!s->our->outs.count) {
		VEC_EACH (&s->their->outs, o)
			*vec_push(&s->our->outs) = *o;
		return dvcfile_save(repo, s->our, err);
	}

	int r = check_stage(s->ancestor, err);
	if (r >= 0)
		r = check_stage(s->our, err);
	if (r >= 0)
		r = check_stage(s->their, err);
	if (r >= 0)
		r = merge_outs(repo, a, s, err);
	return r < 0 ? r : dvcfile_save(repo, s->our, err);
}

int ops_merge_dvc(struct repo *repo, const struct merge_files *files, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct three s = {0};
	int r = dvcfile_load(repo, &a, files->ancestor, &s.ancestor, err);
	if (r >= 0)
		r = dvcfile_load(repo, &a, files->our, &s.our, err);
	if (r >= 0)
		r = dvcfile_load(repo, &a, files->their, &s.their, err);
	if (r >= 0)
		r = merge_stages(repo, &a, &s, err);

	/* stages live in the arena, but own lists */
	struct stage *const all[] = {s.ancestor, s.our, s.their};
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		if (all[i])
			stage_release(all[i]);
	}

	return MIN(r, 0);
}

/* ---- dvc.lock */

/* A merge of dvc.lock. The text is built in memory and written when all is merged. */
struct lock_merge {
	struct arena arena;
	const struct value *ancestor, *our, *their;
	struct buf text;
	struct strlist *conflicts;
};

/* Turn the list of datasets into a map by name, so that it can be merged like the stages.
 * add_item() turns it back. */
static void key_datasets(struct arena *a, struct value *doc)
{
	const struct value *list = value_get(doc, "datasets");
	struct value *map = value_map(a);
	if (!value_is_list(list))
		return;
	for (size_t i = 0; i < value_count(list); i++) {
		const char *name = value_get_str(list->list.items[i].value, "name");
		value_set(a, map, name ? name : "", list->list.items[i].value);
	}
	value_set(a, doc, "datasets", map);
}

/* Read one version of dvc.lock. An empty file is a version without entries. */
static int read_lock(struct arena *a, const char *path, const struct value **out, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct value *doc;
	int r = file_read(path, &text, err);
	if (r >= 0)
		r = yaml_parse(a, path, buf_str(&text), text.len, &doc, err);
	if (r < 0)
		return r;
	if (!value_is(doc, VALUE_MAP) && !value_is(doc, VALUE_NULL))
		return err_set(err, ERR_PARSE, "'%s' is no lock file", path);

	/* the format of DVC 1: no schema, stages at the top level */
	if (value_count(doc) && !value_get(doc, "schema")) {
		struct value *new = value_map(a);
		value_set(a, new, "schema", value_string(a, "2.0"));
		value_set(a, new, "stages", doc);
		doc = new;
	}

	key_datasets(a, doc);
	*out = doc;
	return 0;
}

/* Append one item, in the form that it has below the key of its section. Datasets are items of a
 * list. Does nothing for NULL (deleted). */
static void add_item(
	struct lock_merge *m, const char *section, const char *name, const struct value *v)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	bool listed = strcmp(section, "datasets") == 0;
	struct value *doc = value_map(&m->arena),
		     *inner = listed ? value_list(&m->arena) : value_map(&m->arena);

	if (!v)
		return;

	if (listed)
		value_append(&m->arena, inner, (struct value *)v);
	else
		value_set(&m->arena, inner, name, (struct value *)v);
	value_set(&m->arena, doc, section, inner);
	yaml_emit(&text, doc);

	/* the first line is the key of the section, which merge_section() has written */
	const char *body = strchr(text.ptr, '\n') + 1;
	buf_adds(&m->text, body);
}

static bool same_value(const struct value *a, const struct value *b)
{
	return a && b ? value_equal(a, b) : a == b;
}

/* The three versions of one item, or of one top-level key when `section` is NULL. */
struct versions {
	const struct value *ancestor, *our, *their;
};

/* As merge_entry(), for values. */
static bool merge_value(const struct versions *v, const struct value **out)
{
	bool ours_same = same_value(v->ancestor, v->our);
	*out = ours_same ? v->their : v->our;
	return ours_same || same_value(v->our, v->their) || same_value(v->ancestor, v->their);
}

/* Append the merged item, or both versions between conflict markers, which make the file invalid
 * YAML until the user has chosen. */
static void merge_item(struct lock_merge *m, const char *section, const char *name)
{
	const struct versions v = {value_get(value_get(m->ancestor, section), name),
		value_get(value_get(m->our, section), name),
		value_get(value_get(m->their, section), name)};
	const struct value *merged;

	if (merge_value(&v, &merged)) {
		add_item(m, section, name, merged);
		return;
	}

	strlist_add(m->conflicts, name);
	buf_adds(&m->text, "<<<<<<< ours\n");
	add_item(m, section, name, v.our);
	buf_adds(&m->text, "=======\n");
	add_item(m, section, name, v.their);
	buf_adds(&m->text, ">>>>>>> theirs\n");
}

/* Merge one section: items in the order of our version, then those that only their version has. An
 * empty section is left out, except for `stages`, which DVC always writes. */
static void merge_section(struct lock_merge *m, const char *section)
{
	const struct value *our = value_get(m->our, section), *their = value_get(m->their, section);
	size_t start = m->text.len;

	buf_addf(&m->text, "%s:\n", section);
	size_t empty = m->text.len;
	for (size_t i = 0; i < value_count(our); i++)
		merge_item(m, section, our->list.items[i].key);

	for (size_t i = 0; i < value_count(their); i++) {
		if (!value_get(our, their->list.items[i].key))
			merge_item(m, section, their->list.items[i].key);
	}

	if (m->text.len != empty)
		return;

	buf_truncate(&m->text, start);
	if (strcmp(section, "stages") == 0)
		buf_adds(&m->text, "stages: {}\n");
}

/* Merge one top-level key. */
static void merge_key(struct lock_merge *m, const char *key)
{
	const struct versions v = {
		value_get(m->ancestor, key), value_get(m->our, key), value_get(m->their, key)};
	const struct value *merged;

	if (value_is(v.our, VALUE_MAP) || value_is(v.their, VALUE_MAP)) {
		merge_section(m, key);
		return;
	}

	/* the only key that is not a section is "schema", and it has only one value */
	if (!merge_value(&v, &merged))
		merged = v.our;

	if (merged) {
		struct value *doc = value_map(&m->arena);
		value_set(&m->arena, doc, key, (struct value *)merged);
		yaml_emit(&m->text, doc);
	}
}

static void lock_merge_release(struct lock_merge *m)
{
	buf_release(&m->text);
	arena_release(&m->arena);
}

int ops_merge_lock(const struct merge_files *files, struct strlist *out_conflicts, struct err *err)
{
	AUTO(lock_merge_release) struct lock_merge m = {.conflicts = out_conflicts};
	int r = read_lock(&m.arena, files->ancestor, &m.ancestor, err);
	if (r >= 0)
		r = read_lock(&m.arena, files->our, &m.our, err);
	if (r >= 0)
		r = read_lock(&m.arena, files->their, &m.their, err);
	if (r < 0)
		return r;

	for (size_t i = 0; i < value_count(m.our); i++)
		merge_key(&m, m.our->list.items[i].key);

	for (size_t i = 0; i < value_count(m.their); i++) {
		if (!value_get(m.our, m.their->list.items[i].key))
			merge_key(&m, m.their->list.items[i].key);
	}

	return file_write(files->our, buf_str(&m.text), m.text.len, FILE_KEEP_MODE, err);
}
