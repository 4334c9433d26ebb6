#include "project/params.h"

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "text/json.h"
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

int params_parse(struct arena *a, const char *path, const char *text, size_t len, struct value **out, struct err *err)
{
	AUTO(mem_freep) char *suffix = str_lower(path_extension(path));
	int r;
	if (strcmp(suffix, ".json") == 0) {
		r = len ? json_parse(a, text, len, out, err) : (*out = value_map(a), 0);
		if (r < 0)
			return err_wrap(err, r, "unable to read: '%s', JSON file structure is corrupted", path);
	} else {
		r = yaml_parse(a, path, text, len, out, err);
		if (r < 0)
			return r;
	}
	if (is_falsy(*out))
		*out = value_map(a);
	return 0;
}

int params_load(const struct source *s, struct arena *a, const char *path, struct value **out, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	int r = source_read(s, path, &text, err);
	return r < 0 ? r : params_parse(a, path, buf_str(&text), text.len, out, err);
}

const struct value *params_get(const struct value *root, const char *dotted)
{
	const struct value *v = root;
	while (v) {
		size_t n = strcspn(dotted, ".");
		AUTO(mem_freep) char *part = mem_strndup(dotted, n);
		int64_t at;
		if (value_is(v, VALUE_MAP)) {
			v = value_get(v, part);
		} else if (value_is_list(v) && str_to_i64(part, &at)) {
			at += at < 0 ? (int64_t)v->list.count : 0;
			v = at >= 0 && at < (int64_t)v->list.count ? v->list.items[at].value : NULL;
		} else {
			v = NULL;
		}
		if (!dotted[n])
			return v;
		dotted += n + 1;
	}
	return NULL;
}
