/*
 * Draws tables, for tests that compare them with DVC's. Each input line is {"style", "fill",
 * "width", "columns":
 * [{"name", "right", "no_wrap", "collapse"}], "rows": [[...]]}, each output line the table as a
 * JSON string.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/json.h"
#include "ui/table.h"

static void draw(const struct value *v, struct buf *out)
{
	AUTO(table_release) struct table t = TABLE_INIT("-");
	const struct value *columns = value_get(v, "columns"), *rows = value_get(v, "rows");
	const char *style = value_get_str(v, "style");
	for (size_t i = 0; i < value_count(columns); i++) {
		const struct value *c = columns->list.items[i].value;
		size_t at = table_add_column(&t, value_get_str(c, "name"));
		struct table_column *column = &t.columns.items[at];
		column->right = value_get_bool(c, "right");
		column->no_wrap = value_get_bool(c, "no_wrap");
		column->collapse = value_get_bool(c, "collapse");
	}
	for (size_t i = 0; i < value_count(rows); i++) {
		const struct value *row = rows->list.items[i].value;
		(void)table_add_row(&t);
		for (size_t j = 0; j < value_count(row); j++)
			table_set(&t, i, j, value_str(row->list.items[j].value));
	}
	if (strcmp(style, "plain") == 0)
		table_plain(out, &t);
	else if (strcmp(style, "markdown") == 0)
		table_markdown(out, &t);
	else if (strcmp(style, "csv") == 0)
		table_csv(out, &t);
	else
		table_wide(out, &t, (int)value_number(value_get(v, "width")), false);
}

int main(void)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	while ((n = getline(&line, &cap, stdin)) > 0) {
		AUTO(arena_release) struct arena a = ARENA_INIT;
		AUTO(buf_release) struct buf out = BUF_INIT, text = BUF_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		struct value *v;
		if (json_parse(&a, line, (size_t)n, &v, &err) == 0)
			draw(v, &out);
		json_write_string(&text, buf_str(&out), out.len);
		printf("%s\n", buf_str(&text));
	}
	free(line);
	return 0;
}
