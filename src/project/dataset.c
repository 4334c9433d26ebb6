/* The `datasets` section of dvc.yaml and its records in dvc.lock. */
#include "project/dataset.h"

#include "base/str.h"

static const char *const spec_keys[] = {"name", "url", "type", "path", "rev"};

static const char *text_or_null(const struct value *map, const char *key)
{
	const char *text = value_get_str(map, key);
	return text && *text ? text : NULL;
}

/* Read an entry of dvc.yaml or dvc.lock. Only repositories have a path and a revision. */
static void read_spec(const struct value *entry, struct dataset *out)
{
	out->name = value_get_str(entry, "name");
	out->url = value_get_str(entry, "url");
	out->type = value_get_str(entry, "type");
	bool repo = str_eq(out->type, "dvc");
	out->path = repo ? text_or_null(entry, "path") : NULL;
	out->rev = repo ? text_or_null(entry, "rev") : NULL;
}

static bool same_spec(const struct dataset *a, const struct dataset *b)
{
	return str_eq(a->name, b->name) && str_eq(a->url, b->url) && str_eq(a->type, b->type) &&
	       str_eq(a->path, b->path) && str_eq(a->rev, b->rev);
}

/* The entry of that name in a list, or NULL. */
static const struct value *by_name(const struct value *list, const char *name)
{
	for (size_t i = 0; value_is(list, VALUE_LIST) && i < value_count(list); i++) {
		const struct value *entry = list->list.items[i].value;
		if (str_eq(value_get_str(entry, "name"), name))
			return entry;
	}
	return NULL;
}

struct value *dataset_entry(struct arena *a, const struct dataset *ds)
{
	const char *const texts[] = {ds->name, ds->url, ds->type, ds->path, ds->rev};
	struct value *map = value_map(a);
	for (size_t i = 0; i < ARRAY_SIZE(spec_keys); i++) {
		if (texts[i])
			value_set(a, map, spec_keys[i], value_string(a, texts[i]));
	}
	return map;
}

/* The known keys of a record, in DVC's order. NULL when the key that identifies the state is
 * missing. */
static const struct value *read_lock(
	struct arena *a, const struct value *entry, const struct dataset *spec)
{
	static const char *const more[] = {"rev_lock", "version", "created_at", "meta", "files"};
	const char *needed = str_eq(spec->type, "dvc")   ? "rev_lock"
			     : str_eq(spec->type, "url") ? "meta"
							 : "version";
	struct value *map = dataset_entry(a, spec);

	if (!value_get(entry, needed))
		return NULL;

	for (size_t i = 0; i < ARRAY_SIZE(more); i++) {
		const struct value *v = value_get(entry, more[i]);
		/* empty values are left out, as in DVC */
		if (v && !(value_is_container(v) && !value_count(v)))
			value_set(a, map, more[i], value_copy(a, v));
	}
	return map;
}

/* DVC's messages for an incomplete entry. */
static int check_spec(const struct dataset *ds, struct err *err)
{
	if (!ds->type)
		return err_set(err, ERR_VALUE, "type should be present in spec");
	if (!str_eq(ds->type, "dvc") && !str_eq(ds->type, "url") && !str_eq(ds->type, "dc"))
		return err_set(err, ERR_VALUE, "unknown dataset type: %s", ds->type);
	if (!ds->url)
		return err_set(err, ERR_VALUE, "url should be present in dataset '%s'", ds->name);
	return 0;
}

int dataset_find(const struct index *ix, struct arena *a, const char *name, struct dataset *out,
	struct err *err)
{
	const struct value *entry = NULL;
	const struct pipeline *owner = NULL;
	VEC_EACH (&ix->pipelines, p) {
		const struct value *found = by_name((*p)->datasets, name);
		if (found) { /* as in DVC, the last one counts */
			entry = found;
			owner = *p;
		}
	}

	if (!entry)
		return err_kind(err, KIND_DATASET_NOT_FOUND,
			err_set(err, ERR_NOT_FOUND, "dataset not found: '%s'", name));

	struct dataset ds = {.file = owner->file}, recorded = {0};
	read_spec(entry, &ds);
	int r = check_spec(&ds, err);
	if (r < 0)
		return r;

	const struct value *lock = by_name(value_get(owner->lock, "datasets"), name);
	if (lock) {
		read_spec(lock, &recorded);
		ds.out_of_sync = !same_spec(&ds, &recorded);
		ds.lock = ds.out_of_sync ? NULL : read_lock(a, lock, &recorded);
	}

	*out = ds;
	return 0;
}

bool dataset_same_lock(const struct value *a, const struct value *b)
{
	static const char *const keys[] = {"rev_lock", "version", "created_at", "meta", "files"};
	struct dataset x = {0}, y = {0};

	if (!a || !b)
		return a == b;

	read_spec(a, &x);
	read_spec(b, &y);

	if (!same_spec(&x, &y))
		return false;

	/* all other keys belong to the spec */
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const struct value *v = value_get(a, keys[i]), *w = value_get(b, keys[i]);
		if (v && w ? !value_equal(v, w) : v != w)
			return false;
	}
	return true;
}

const char *dataset_of_dep(struct arena *a, const struct dep *dep)
{
	/* a URL may have a path or query behind the name */
	const char *name = dep->path + strlen("ds://");
	return arena_strndup(a, name, strcspn(name, "/?#"));
}
