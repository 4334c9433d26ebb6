/*
 * Runs one function of text/ over standard input, for tests that compare it with the Python
 * libraries that DVC uses. Each input line is one case (a JSON document), each output line its
 * result as a JSON string, or an error object.
 *
 *   emit   JSON tree -> YAML text as the dumper writes it
 *   yaml   JSON string of YAML text -> repr of the tree
 *   json   JSON string of JSON text -> repr of the tree
 *   toml   JSON string of TOML text -> repr of the tree
 *   py     JSON string of Python text -> repr of the parameters
 *   edit-yaml, edit-json, edit-toml, edit-py   [text, tree] -> the text changed to hold the tree
 *   dump   JSON tree -> JSON
 */
#include <string.h>

#include "base/alloc.h"
#include "text/edit.h"
#include "text/json.h"
#include "text/pyparams.h"
#include "text/toml.h"
#include "text/yaml.h"

#include "lines.h"

/* [text, tree] -> the text changed so that it holds the tree */
static int run_edit(const char *format, const struct value *v, struct buf *out, struct err *err)
{
	const struct value *text = v->list.items[0].value;
	buf_add(out, text->str.ptr, text->str.len);
	enum edit_format f = strcmp(format, "yaml") == 0   ? EDIT_YAML
			     : strcmp(format, "json") == 0 ? EDIT_JSON
			     : strcmp(format, "toml") == 0 ? EDIT_TOML
							   : EDIT_PYTHON;
	int ret = edit_text(f, "x", out, v->list.items[1].value, err);
	return ret < 0 ? ret : 0;
}

static int run(
	const char *verb, struct arena *a, const struct value *v, struct buf *out, struct err *err)
{
	struct value *tree = NULL;
	int ret = 0;
	if (strcmp(verb, "emit") == 0)
		yaml_emit(out, v);
	else if (strcmp(verb, "dump") == 0)
		ret = json_write(out, v, NULL, err);
	else if (strcmp(verb, "yaml") == 0)
		ret = yaml_parse(a, "x", v->str.ptr, v->str.len, &tree, err);
	else if (strcmp(verb, "json") == 0)
		ret = json_parse(a, v->str.ptr, v->str.len, &tree, err);
	else if (strcmp(verb, "toml") == 0)
		ret = toml_parse(a, v->str.ptr, v->str.len, &tree, err);
	else if (strcmp(verb, "py") == 0)
		ret = pyparams_parse(a, v->str.ptr, v->str.len, &tree, err);
	else if (strncmp(verb, "edit-", 5) == 0)
		ret = run_edit(verb + 5, v, out, err);
	else if (strcmp(verb, "tomlw") == 0)
		ret = toml_write(out, v, err);
	else
		ret = err_set(err, ERR_USAGE, "unknown verb");
	if (ret == 0 && tree)
		value_add_repr(out, tree);
	return ret;
}

int main(int argc, char **argv)
{
	return lines_run(argc, argv, run);
}
