/*
 * Input: a letter for the kind of the files ('c' CSV, 't' TSV, in upper case without a header, else
 * YAML), then, each ended by a NUL: the properties of a plot (YAML), the files a and b, and a
 * template (JSON; empty: a built-in one). What is drawn must be JSON, and have as many points as
 * the plot counts.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "plots/definitions.h"
#include "plots/plots.h"
#include "plots/series.h"
#include "plots/template.h"
#include "text/json.h"
#include "text/yaml.h"
#include "view/templates.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct part {
	const char *text;
	size_t len;
};

static struct part next_part(const char **at, const char *end)
{
	const char *nul = memchr(*at, '\0', (size_t)(end - *at));
	struct part p = {*at, (size_t)((nul ? nul : end) - *at)};
	*at = nul ? nul + 1 : end;
	return p;
}

static void add_source(
	struct plots *p, struct plot_sources *all, const char *name, char kind, struct part part)
{
	AUTO(err_release) struct err err = ERR_INIT;
	struct plot_source *s = NEW(struct plot_source);
	struct value *document = NULL;
	char letter = (char)tolower((unsigned char)kind);
	bool ok;
	if (letter == 'c' || letter == 't')
		ok = plot_table_from_csv(&s->table, part.text, part.len, letter == 't' ? '\t' : ',',
			     letter == kind, &err) >= 0;
	else
		ok = yaml_parse(&p->arena, "x", part.text, part.len, &document, &err) >= 0;
	if (ok && document)
		plot_table_from_tree(&s->table, document, &p->arena);
	if (!ok)
		s->error = (struct reading_error){"Error", arena_strdup(&p->arena, err.msg)};
	s->empty = ok && (document ? value_is_falsy(document) : !s->table.rows);
	(void)map_set(&p->sources, name, s);
	(void)map_set(&all->by_path, name, s);
}

static void check_json(const struct buf *text, size_t points)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *v = NULL;
	if (json_parse(&a, buf_str(text), text->len, &v, NULL) < 0)
		abort();
	if (points != SIZE_MAX && value_count(v) != points)
		abort();
}

static void check_drawing(struct plots *p, struct plot *plot, struct part template)
{
	for (int keep = PLOT_KEEP_VARIED; keep <= PLOT_KEEP_DRAWN; keep++) {
		AUTO(buf_release) struct buf points = BUF_INIT;
		if (plot_points_to_json(&points, plot, (enum plot_keep)keep, 1 << 30))
			check_json(&points, plot->points);
	}

	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	struct value *t = NULL, *filled = NULL, *split = value_map(&p->arena);
	size_t len = 0;
	const char *builtin = template_builtin(TEMPLATE_DEFAULT, &len);
	bool own = template.len > 0;
	if (json_parse(&p->arena, own ? template.text : builtin, own ? template.len : len, &t,
		    NULL) < 0 ||
		!value_is(t, VALUE_MAP))
		return;
	int r = plot_template_fill(t, plot, PLOT_KEEP_VARIED, &p->arena, &filled, NULL, &err);
	if (r < 0 && (own ? !*err_text(&err) : true))
		abort();
	if (r >= 0 && json_write(&text, filled, NULL, NULL) >= 0)
		check_json(&text, SIZE_MAX);
	(void)plot_template_fill(t, plot, PLOT_KEEP_BOTH, &p->arena, &filled, split, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(plots_release) struct plots p = PLOTS_INIT;
	AUTO(strlist_release) struct strlist files = STRLIST_INIT;
	struct plot_sources sources = {0};
	struct value *properties = NULL;
	const char *at = (const char *)data, *end = at + size;
	struct reading_error why = {0};
	if (size < 2 || !str_is_utf8(at, size) || memchr(at, '\r', size))
		return 0; /* the reader of files refuses the one and translates the other */
	char kind = *at++;
	struct part definition = next_part(&at, end);
	if (yaml_parse(&p.arena, "x", definition.text, definition.len, &properties, NULL) < 0 ||
		!value_is(properties, VALUE_MAP))
		return 0;
	struct part a = next_part(&at, end), b = next_part(&at, end);

	add_source(&p, &sources, "a", kind, a);
	add_source(&p, &sources, "b", kind, b);
	plot_def_sources("a", properties, &files);
	struct plot *plot = vec_push(&p.items);
	plot->id = plot->title = "a";
	for (int rev = 0; rev < 2; rev++)
		(void)plot_add_series(plot, rev ? "HEAD" : "workspace", "a", properties, &files,
			&sources, &p.arena, &why);
	if (plot->series.count)
		check_drawing(&p, plot, next_part(&at, end));
	map_release(&sources.by_path);
	return 0;
}
