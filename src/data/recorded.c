/* What a .dvc file or dvc.lock records of data, from and to hashes. */
#include "base/alloc.h"
#include "base/map.h"
#include "base/str.h"
#include "data/data.h"
#include "text/value.h"

struct oid recorded_oid(const struct recorded *r)
{
	struct oid o = {.hash = HASH_NONE};
	if (r->hash && r->hash_name)
		(void)oid_parse(&o, r->hash, hash_name_parse(r->hash_name)); /* fails for an etag */
	return o;
}

/* The list of files of a cloud-versioned directory. Unchanged files keep their entries, which have
 * the version in the cloud. */
static struct value *list_files(
	struct arena *a, const struct tree *t, const struct value *old_files)
{
	struct value *list = value_list(a);
	AUTO(map_release) struct map by_path = MAP_INIT;

	for (size_t i = 0; i < value_count(old_files); i++) {
		struct value *entry = old_files->list.items[i].value;
		const char *path = value_get_str(entry, "relpath");
		if (path)
			(void)map_set(&by_path, path, entry);
	}

	bool sizes = value_count(old_files) == 0 ||
		     value_get(old_files->list.items[0].value, "size") != NULL;
	for (size_t i = 0; i < t->count; i++) {
		const char *path = tree_path(t, &t->entries[i]);
		const struct oid o = tree_entry_oid(t, &t->entries[i]);
		const struct value *old = map_get(&by_path, path);
		char hex[OID_TEXT];
		oid_format(&o, hex);
		if (old && str_eq(value_get_str(old, "md5"), hex)) {
			value_append(a, list, value_copy(a, old));
			continue;
		}
		struct value *entry = value_map(a);
		value_set(a, entry, "relpath", value_string(a, path));
		value_set(a, entry, "md5", value_string(a, hex));
		if (sizes)
			value_set(
				a, entry, "size", value_int(a, (int64_t)t->entries[i].size_bytes));
		value_append(a, list, entry);
	}

	return list;
}

void recorded_set(struct arena *a, struct recorded *r, const struct hashed *h)
{
	char text[OID_TEXT];
	const struct oid before = recorded_oid(r);
	const struct recorded old = *r;

	*r = RECORDED_NONE;
	if (oid_equal(&before, &h->oid)) { /* unchanged: so is the version in the cloud */
		r->version_id = old.version_id;
		r->cloud = old.cloud;
		r->files = old.files;
	} else if (old.files && h->is_dir) {
		r->files = list_files(a, &h->tree, old.files);
	}

	r->hash_name = hash_name_text(h->oid.hash);
	r->hash = arena_strdup(a, oid_format(&h->oid, text));
	r->size = (int64_t)h->size_bytes;
	r->nfiles = h->is_dir ? (int64_t)h->files : -1;
	r->isexec = !h->is_dir && h->is_exec;
}
