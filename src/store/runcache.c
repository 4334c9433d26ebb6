#include "store/runcache.h"

#include <errno.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/str.h"
#include "base/vec.h"
#include "text/json.h"
#include "text/yaml.h"

/* A copy without the keys `size` and `nfiles` at any depth, as DVC removes them before it
 * hashes. */
static struct value *without_sizes(struct arena *a, const struct value *v)
{
	if (!value_is_container(v))
		return value_copy(a, v);
	struct value *copy = value_new(a, v->kind);
	for (size_t i = 0; i < value_count(v); i++) {
		const struct value_item *item = &v->list.items[i];
		if (v->kind != VALUE_MAP) {
			value_append(a, copy, without_sizes(a, item->value));
			continue;
		}
		if (strcmp(item->key, "size") == 0 || strcmp(item->key, "nfiles") == 0)
			continue;
		value_setn(a, copy, item->key, item->key_len, without_sizes(a, item->value));
	}
	return copy;
}

/* The digest of the JSON with sorted keys. */
static int name_of(struct value *entry, char out[SHA256_HEX + 1], struct err *err)
{
	static const struct json_opts opts = {.sort_keys = true};
	AUTO(buf_release) struct buf json = BUF_INIT;
	int r = json_write(&json, entry, &opts, err);
	if (r < 0)
		return r;
	sha256_hex(json.ptr, json.len, out);
	return 0;
}

int runcache_key(const struct value *lock_entry, char out_key[SHA256_HEX + 1], struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *entry = without_sizes(&a, lock_entry), *paths = value_list(&a);
	const struct value *outs = value_get(lock_entry, "outs");

	/* DVC's key has only the paths of the outputs, since their hashes are the result */
	for (size_t i = 0; i < value_count(outs); i++) {
		const char *path = value_get_str(outs->list.items[i].value, "path");
		value_append(&a, paths, value_string(&a, path ? path : ""));
	}

	if (outs)
		value_set(&a, entry, "outs", paths);
	return name_of(entry, out_key, err);
}

int runcache_value(const struct value *lock_entry, char out_value[SHA256_HEX + 1], struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	return name_of(without_sizes(&a, lock_entry), out_value, err);
}

/* ---- entries of others */

static bool is_digest(const char *s)
{
	return strspn(s, "0123456789abcdef") == SHA256_HEX;
}

bool runcache_is_path(const char *path)
{
	enum { KEY = sizeof("runs/KK/") - 1, VALUE = KEY + SHA256_HEX + 1 };
	if (strlen(path) != VALUE + SHA256_HEX || !is_digest(path + KEY) ||
		!is_digest(path + VALUE))
		return false;
	AUTO(mem_freep) char *begin = mem_printf("runs/%.2s/", path + KEY);
	return str_starts(path, begin) && path[VALUE - 1] == '/';
}

/* The names that the text has by its content. */
static int names_of(const char *yaml, size_t len, char out_key[SHA256_HEX + 1],
	char out_value[SHA256_HEX + 1], struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *entry;
	int r = yaml_parse(&a, "entry", yaml, len, &entry, err);
	if (r >= 0 && !(value_is(entry, VALUE_MAP) && value_get(entry, "cmd")))
		r = ERR_CORRUPT;
	if (r >= 0)
		r = runcache_key(entry, out_key, err);
	return r < 0 ? r : runcache_value(entry, out_value, err);
}

int runcache_check(const char *path, const char *yaml, size_t len, struct err *err)
{
	char key[SHA256_HEX + 1], value[SHA256_HEX + 1];
	AUTO(mem_freep) char *name = NULL;
	if (runcache_is_path(path) && names_of(yaml, len, key, value, NULL) >= 0)
		name = mem_printf("runs/%.2s/%s/%s", key, key, value);
	if (str_eq(name, path))
		return 0;
	return err_set(
		err, ERR_CORRUPT, "the run-cache entry '%s' is not what its name says", path);
}

struct found {
	char *path;
	int64_t mtime_ns;
};

/* Entries of the same mtime are ordered by name, so that the choice does not depend on the order of
 * the directory. */
static int newest_first(const void *pa, const void *pb)
{
	const struct found *a = pa, *b = pb;
	if (a->mtime_ns != b->mtime_ns)
		return a->mtime_ns > b->mtime_ns ? -1 : 1;
	return strcmp(a->path, b->path);
}

int runcache_find(
	const struct cache *c, const char *key, struct strlist *out_paths, struct err *err)
{
	AUTO(mem_freep) char *dir = mem_printf("%s/runs/%.2s/%s", c->dir, key, key);
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	VEC(struct found) found = {0};

	if (access(dir, F_OK) < 0)
		return 0;
	int r = file_list(dir, &names, err);
	for (size_t i = 0; i < names.count && r >= 0; i++) {
		AUTO(mem_freep) char *path = mem_printf("%s/%s", dir, names.items[i]);
		struct stat st;
		/* other names are temporaries or not ours */
		if (strlen(names.items[i]) == SHA256_HEX && stat(path, &st) == 0)
			*vec_push(&found) = (struct found){TAKE(path), file_mtime_ns(&st)};
	}

	vec_sort(&found, newest_first);
	VEC_EACH (&found, f)
		strlist_take(out_paths, f->path);
	vec_release(&found);
	return MIN(r, 0);
}

int runcache_save(const struct cache *c, const char *key, const char *value, const void *yaml,
	size_t len, struct err *err)
{
	AUTO(mem_freep) char *dir = mem_printf("%s/runs/%.2s/%s", c->dir, key, key);
	AUTO(mem_freep) char *path = mem_printf("%s/%s", dir, value);
	/* the name is a digest of the content, so an existing entry is the same */
	if (access(path, F_OK) == 0)
		return 0;
	int r = cache_make_dirs(c, dir, err);
	return r < 0 ? r : file_write(path, yaml, len, 0, err);
}
