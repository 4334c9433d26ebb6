/*
 * Applies or expands -S overrides, for tests that compare them with Hydra. Each input line is a JSON list
 * [path, text, overrides]; each output line the changed text as a JSON string, or an error object. With `expand` on the
 * command line the input is a list of -S values, and the output the list of runs as DVC prints them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "project/override.h"
#include "text/json.h"

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
	VEC_EACH(&runs.items, run) {
		overrides_add_repr(out, run);
		buf_addc(out, '\n');
	}
	return ret;
}

int main(int argc, char **argv)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	while (argc == 2 && (n = getline(&line, &cap, stdin)) > 0) {
		AUTO(arena_release) struct arena a = ARENA_INIT;
		AUTO(buf_release) struct buf out = BUF_INIT, text = BUF_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		struct value *v;
		int ret = json_parse(&a, line, (size_t)n, &v, &err);
		if (ret == 0)
			ret = strcmp(argv[1], "expand") == 0 ? expand(v, &out, &err) : apply(v, &out, &err);
		const char *s = ret < 0 ? err.msg : buf_str(&out);
		json_write_string(&text, s, strlen(s));
		printf(ret < 0 ? "{\"error\": %s}\n" : "%s\n", buf_str(&text));
	}
	free(line);
	return argc == 2 ? 0 : 2;
}
