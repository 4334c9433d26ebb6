/*
 * The loader of dvc.yaml, without a disk. Input: a dvc.yaml, then (each behind a NUL) its
 * params.yaml, a file of vars and a dvc.lock. The resulting stages must load, and their records
 * must be valid entries of dvc.lock, which are read back unchanged.
 */
#include <stdlib.h>
#include <string.h>

#include "helpers/memory_source.h"
#include "project/load.h"
#include "project/lock.h"
#include "project/resolve.h"
#include "project/schema.h"
#include "text/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST_STAGES = 300 }; /* number of stages of a file that are checked */

static struct value *read_checked(
	struct arena *a, enum schema_kind kind, const char *name, const struct value *files)
{
	AUTO(err_release) struct err err = ERR_INIT;
	const struct value *text = value_get(files, name);
	struct value *doc;
	if (!text || yaml_parse(a, name, text->str.ptr, text->str.len, &doc, &err) < 0 ||
		schema_check(kind, doc, name, text->str.ptr, text->str.len, &err) < 0)
		return NULL;
	return doc;
}

static void check_entry(const struct value *entry)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct value *again;
	const struct value *cmd = value_get(entry, "cmd");
	if (!value_is(cmd, VALUE_STRING) && !value_is(cmd, VALUE_LIST))
		return; /* an expression resulted in something else; the run refuses it */
	yaml_emit(&text, entry);
	if (yaml_parse(&a, "x", buf_str(&text), text.len, &again, &err) < 0)
		abort();
	if (schema_check(SCHEMA_LOCK_STAGE, again, "x", buf_str(&text), text.len, &err) < 0)
		abort();
}

static void load_one(
	struct arena *a, struct resolver *r, const char *name, const struct value *lock)
{
	AUTO(err_release) struct err err = ERR_INIT;
	struct value *definition;
	struct stage *s;
	if (resolver_stage(r, name, &definition, &err) < 0 ||
		load_stage(a, "/repo", "/repo/dvc.yaml", name, definition, &s, &err) < 0)
		return;
	load_lock_entry(a, s, value_get(value_get(lock, "stages"), name));
	check_entry(lock_entry(a, s));
	stage_release(s);
}

static void load_all(struct arena *a, struct resolver *r, const struct value *lock)
{
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	for (size_t i = 0; i < resolver_count(r); i++) {
		AUTO(err_release) struct err err = ERR_INIT;
		(void)resolver_names(r, i, &names, &err); /* one bad group affects no other */
	}
	for (size_t i = 0; i < MIN(names.count, (size_t)MOST_STAGES); i++)
		load_one(a, r, names.items[i], lock);
	static const char *const sections[] = {
		"params", "metrics", "plots", "artifacts", "datasets"};
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		AUTO(err_release) struct err err = ERR_INIT;
		struct value *v;
		(void)resolver_section(r, sections[i], &v, &err); /* only checked for termination */
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"dvc.yaml", "params.yaml", "v.yaml", "dvc.lock"};
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	AUTO(strlist_release) struct strlist warnings = STRLIST_INIT;
	struct value *files = value_map(&a);
	const char *p = (const char *)data, *end = p + size;
	for (size_t i = 0; i < ARRAY_SIZE(names) && p < end; i++) {
		const char *nul = memchr(p, 0, (size_t)(end - p));
		size_t len = (size_t)((nul ? nul : end) - p);
		value_set(&a, files, names[i], value_stringn(&a, p, len));
		p += len + 1;
	}
	const struct value *doc = read_checked(&a, SCHEMA_PIPELINE, "dvc.yaml", files);
	if (!doc)
		return 0;
	const struct source source = source_memory(files);
	const struct interpolate_style style = {.list_append = true};
	struct resolver *r = NULL;
	if (resolver_new(&a, &source, "", "dvc.yaml", doc, &style, &warnings, &r, &err) >= 0)
		load_all(&a, r, read_checked(&a, SCHEMA_LOCK, "dvc.lock", files));
	resolver_release(r);
	return 0;
}
