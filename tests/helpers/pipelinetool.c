/*
 * Resolves whole dvc.yaml files, for tests that compare with DVC's resolver. Each input line is a
 * JSON document {"files": {path: text}, "bool": ..., "list": ...}; each output line what becomes of
 * its dvc.yaml: the name and the value of every stage, or the message of its error, each as Python
 * would show it.
 */
#include <string.h>

#include "project/resolve.h"
#include "project/schema.h"
#include "text/yaml.h"

#include "lines.h"
#include "memory_source.h"

static bool has_option(const struct value *v, const char *key, const char *value)
{
	const char *s = value_get_str(v, key);
	return s && strcmp(s, value) == 0;
}

static void add_stage(struct resolver *r, const char *name, struct buf *out)
{
	AUTO(err_release) struct err err = ERR_INIT;
	struct value *stage;
	buf_addf(out, "%s\n", name);
	if (resolver_stage(r, name, &stage, &err) < 0)
		buf_addf(out, "error %s%s", err.msg ? err.msg : "not found: ", err.msg ? "" : name);
	else
		value_add_repr(out, stage);
	buf_addc(out, '\n');
}

static int add_sections(struct resolver *r, struct buf *out)
{
	static const char *const names[] = {"params", "metrics", "plots", "artifacts", "datasets"};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		AUTO(err_release) struct err err = ERR_INIT;
		struct value *section;
		buf_addf(out, "%s\n", names[i]);
		if (resolver_section(r, names[i], &section, &err) < 0)
			buf_addf(out, "error %s", err.msg);
		else if (section)
			value_add_repr(out, section);
		buf_addc(out, '\n');
	}
	return 0;
}

static int resolve_file(struct resolver *r, struct buf *out, struct err *err)
{
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	int ret = 0;
	for (size_t i = 0; ret >= 0 && i < resolver_count(r); i++)
		ret = resolver_names(r, i, &names, err);
	for (size_t i = 0; ret >= 0 && i < names.count; i++)
		add_stage(r, names.items[i], out);
	return ret < 0 ? ret : add_sections(r, out);
}

static int run(
	const char *verb, struct arena *a, const struct value *v, struct buf *out, struct err *err)
{
	AUTO(strlist_release) struct strlist warnings = STRLIST_INIT;
	const struct value *files = value_get(v, "files"), *text = value_get(files, "dvc.yaml");
	const struct source source = source_memory(files);
	const struct interpolate_style style = {
		has_option(v, "bool", "boolean_optional"), has_option(v, "list", "append")};
	struct value *doc;
	int ret = yaml_parse(a, "dvc.yaml", text->str.ptr, text->str.len, &doc, err);
	if (ret >= 0)
		ret = schema_check(
			SCHEMA_PIPELINE, doc, "dvc.yaml", text->str.ptr, text->str.len, err);
	if (ret < 0)
		return err_set(err, ret, "not a dvc.yaml");
	if (strcmp(verb, "check") == 0)
		return 0;
	struct resolver *r = NULL;
	ret = resolver_new(a, &source, "", "dvc.yaml", doc, &style, &warnings, &r, err);
	if (ret >= 0)
		ret = resolve_file(r, out, err);
	resolver_release(r);
	return ret;
}

int main(int argc, char **argv)
{
	return lines_run(argc, argv, run);
}
