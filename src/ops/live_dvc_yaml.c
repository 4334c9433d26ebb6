/* Logging of a training: dvc.yaml names the files, so that exp show and plots find them. */
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "ops/live_int.h"
#include "text/edit.h"
#include "text/yaml.h"

/* DVCLive looks for `ours` anywhere in the path: a log in "live" would take away what dvc.yaml has
 * of "dvclive", and of "old/live". */
static bool is_below(const char *path, const char *ours)
{
	return str_starts(path, ours) || (str_starts(path, "./") && str_starts(path + 2, ours));
}

/* Is it an entry for a file of our directory? `ours` ends with '/'. Entries are paths, or objects
 * with a path as their key. */
static bool is_ours(const struct value *entry, const char *ours)
{
	if (entry->kind == VALUE_STRING)
		return is_below(entry->str.ptr, ours);
	return entry->kind == VALUE_MAP && entry->list.count == 1 &&
	       is_below(entry->list.items[0].key, ours);
}

/* Replace our entries of the list `key` by `fresh`; others stay where they are. */
static void replace_entries(
	struct arena *a, struct value *doc, const char *key, struct value *fresh, const char *ours)
{
	struct value *old = value_get(doc, key), *list = value_list(a);
	if (old && old->kind != VALUE_LIST)
		return; /* not what dvc.yaml may have; it is left to those who read it */
	for (size_t i = 0; i < value_count(old); i++) {
		if (!is_ours(old->list.items[i].value, ours))
			value_append(a, list, old->list.items[i].value);
	}
	for (size_t i = 0; i < value_count(fresh); i++)
		value_append(a, list, fresh->list.items[i].value);
	if (list->list.count)
		value_set(a, doc, key, list);
	else
		value_remove(doc, key);
}

static struct value *one_path(struct arena *a, const char *ours, const char *name, bool wanted)
{
	AUTO(mem_freep) char *path = mem_printf("%s%s", ours, name);
	struct value *list = value_list(a);
	if (wanted)
		value_append(a, list, value_string(a, path));
	return list;
}

static struct value *plots_of(const struct live *l, struct arena *a, const char *ours)
{
	struct value *plots = value_list(a);
	if (l->has_history) {
		AUTO(mem_freep) char *path = mem_printf("%splots/metrics", ours);
		struct value *entry = value_map(a), *looks = value_map(a);
		value_set(a, looks, "x", value_string(a, "step"));
		value_set(a, entry, path, looks);
		value_append(a, plots, entry);
	}
	if (l->has_images) {
		AUTO(mem_freep) char *path = mem_printf("%splots/images", ours);
		value_append(a, plots, value_string(a, path));
	}
	for (size_t i = 0; i < l->plots->list.count; i++) {
		const struct value_item *item = &l->plots->list.items[i];
		AUTO(mem_freep) char *path = mem_printf("%s%s", ours, item->key);
		struct value *entry = value_map(a);
		value_set(a, entry, path, value_copy(a, item->value));
		value_append(a, plots, entry);
	}
	return plots;
}

int live_write_dvc_yaml(struct live *l, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(mem_freep) char *file = path_absolute(l->dvc_yaml);
	AUTO(mem_freep) char *folder = path_dirname(file);
	AUTO(mem_freep) char *dir = path_absolute(l->dir);
	AUTO(mem_freep) char *relative = path_relative(dir, folder);
	AUTO(mem_freep) char *ours = mem_printf("%s/", relative);
	struct value *doc = value_map(&a);
	int r;

	if (file_exists(file)) {
		r = file_read(file, &text, err);
		if (r >= 0)
			r = yaml_load(&a, l->dvc_yaml, buf_str(&text), text.len, &doc, err);
		if (r < 0)
			return r;
		doc = doc->kind == VALUE_MAP ? value_copy(&a, doc) : value_map(&a);
	}
	replace_entries(
		&a, doc, "params", one_path(&a, ours, "params.yaml", l->params->list.count), ours);
	replace_entries(
		&a, doc, "metrics", one_path(&a, ours, "metrics.json", l->metrics.count), ours);
	replace_entries(&a, doc, "plots", plots_of(l, &a, ours), ours);

	if (!text.len) {
		yaml_emit(&text, doc);
	} else {
		r = edit_text(EDIT_YAML, l->dvc_yaml, &text, doc, err);
		if (r <= 0)
			return r;
	}
	return file_write(file, text.ptr, text.len, FILE_KEEP_MODE, err);
}
