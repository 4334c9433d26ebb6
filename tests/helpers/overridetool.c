/*
 * Applies or expands -S overrides, for tests that compare them with Hydra. Each input line is a
 * JSON list [path, text, overrides]; each output line the changed text as a JSON string, or an
 * error object. With `expand` on the command line the input is a list of -S values, and the output
 * the list of runs as DVC prints them.
 */
#include <string.h>

#include "hydra/override.h"
#include "text/json.h"

#include "lines.h"

static int apply(const struct value *v, struct buf *out, struct err *err)
{
	AUTO(strlist_release) struct strlist items = STRLIST_INIT;
	const struct value *list = v->list.items[2].value, *text = v->list.items[1].value;
	for (size_t i = 0; i < value_count(list); i++)
		strlist_add(&items, value_str(list->list.items[i].value));
	buf_add(out, text->str.ptr, text->str.len);
	return overrides_apply_text(value_str(v->list.items[0].value), &items, out, err);
}

static int expand(const struct value *v, struct buf *out, struct err *err)
{
	AUTO(strlist_release) struct strlist items = STRLIST_INIT;
	AUTO(overrides_release) struct overrides o = {0};
	AUTO(override_runs_release) struct override_runs runs = {0};
	for (size_t i = 0; i < value_count(v); i++)
		strlist_add(&items, value_str(v->list.items[i].value));
	overrides_collect(&items, &o);
	int ret = overrides_are_sweep(&o, err);
	if (ret >= 0)
		ret = overrides_expand(&o, &runs, err);
	VEC_EACH (&runs.items, run) {
		overrides_add_repr(out, run);
		buf_addc(out, '\n');
	}
	return ret;
}

static int run(
	const char *verb, struct arena *a, const struct value *v, struct buf *out, struct err *err)
{
	(void)a;
	return strcmp(verb, "expand") == 0 ? expand(v, out, err) : apply(v, out, err);
}

int main(int argc, char **argv)
{
	return lines_run(argc, argv, run);
}
