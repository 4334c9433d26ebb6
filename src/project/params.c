#include "project/params.h"

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "text/flatten.h"
#include "text/json.h"
#include "text/pyparams.h"
#include "text/toml.h"
#include "text/yaml.h"

static bool is_falsy(const struct value *v)
{
	switch (v->kind) {
	case VALUE_NULL:
		return true;
	case VALUE_BOOL:
		return !v->boolean;
	case VALUE_INT:
	case VALUE_FLOAT:
		return value_number(v) == 0;
	case VALUE_STRING:
	case VALUE_BYTES:
		return v->str.len == 0;
	default:
		return value_is_container(v) && v->list.count == 0;
	}
}

static int parse(struct arena *a, const char *path, const char *text, size_t len,
	struct value **out, struct err *err)
{
	AUTO(mem_freep) char *suffix = str_lower(path_extension(path));
	const char *language;
	int r;
	if (strcmp(suffix, ".json") == 0) {
		language = "JSON";
		r = json_parse(a, text, len, out, err);
	} else if (strcmp(suffix, ".toml") == 0) {
		language = "TOML";
		r = toml_parse(a, text, len, out, err);
	} else if (strcmp(suffix, ".py") == 0) {
		language = "Python";
		r = pyparams_parse(a, text, len, out, err);
	} else {
		return yaml_load(a, path, text, len, out, err);
	}
	return r < 0 ? err_wrap(err, r, "unable to read: '%s', %s file structure is corrupted",
			       path, language)
		     : 0;
}

int params_parse(struct arena *a, const char *path, const char *text, size_t len,
	struct value **out, struct err *err)
{
	if (!str_is_utf8(text, len))
		return err_set(err, ERR_PARSE, "unable to read: '%s', is not valid utf-8", path);
	int r = parse(a, path, text, len, out, err);
	if (r == 0 && is_falsy(*out))
		*out = value_map(a);
	return r;
}

int params_load(const struct source *s, struct arena *a, const char *path, struct value **out,
	struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	int r = source_read(s, path, &text, err);
	return r < 0 ? r : params_parse(a, path, buf_str(&text), text.len, out, err);
}

const struct value *params_get(const struct value *root, const char *dotted)
{
	return flatten_get(root, dotted);
}
