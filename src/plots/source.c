/* Reads and parses one file of a plot. */
#include "plots/source.h"

#include <string.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "plots/definitions.h"
#include "project/params.h"

void plot_source_free(struct plot_source *s)
{
	if (!s)
		return;
	buf_release(&s->bytes);
	plot_table_release(&s->table);
	free(s);
}

static bool has_suffix(const char *path, const char *const *suffixes)
{
	const char *own = path_extension(path);
	for (; *suffixes; suffixes++)
		if (strcmp(own, *suffixes) == 0)
			return true;
	return false;
}

bool plot_is_image(const char *path)
{
	static const char *const images[] = {".jpg", ".jpeg", ".gif", ".png", ".svg", NULL};
	return has_suffix(path, images);
}

/* Line ends become "\n", as when Python reads a text. */
static void translate_line_ends(struct buf *text)
{
	size_t to = 0;
	if (!text->len || !memchr(text->ptr, '\r', text->len))
		return;
	for (size_t from = 0; from < text->len; from++) {
		char c = text->ptr[from];
		if (c == '\r' && from + 1 < text->len && text->ptr[from + 1] == '\n')
			continue;
		text->ptr[to++] = c == '\r' ? '\n' : c;
	}
	buf_truncate(text, to);
}

static void read_csv(struct plot_source *s, const char *path, const struct buf *text,
	bool has_header, struct arena *a)
{
	AUTO(err_release) struct err err = ERR_INIT;
	char delimiter = strcmp(path_extension(path), ".tsv") == 0 ? '\t' : ',';
	if (plot_table_from_csv(&s->table, buf_str(text), text->len, delimiter, has_header, &err) <
		0)
		s->error = (struct reading_error){"Error", arena_strdup(a, err.msg)};
	s->empty = !s->table.rows;
}

static void read_tree(
	struct plot_source *s, const char *path, const struct buf *text, struct arena *a)
{
	AUTO(err_release) struct err err = ERR_INIT;
	AUTO(mem_freep) char *clean = path_normalize(path); /* as DVC names it in the message */
	struct value *document = NULL;
	if (params_parse(a, clean, buf_str(text), text->len, &document, &err) < 0) {
		if (!reading_corrupted(a, err.msg, &s->error))
			s->error = (struct reading_error){"ValueError", arena_strdup(a, err.msg)};
		return;
	}
	s->empty = value_is_falsy(document);
	plot_table_from_tree(&s->table, document, a);
}

static void read_text(struct plot_source *s, const char *shown, struct buf *text, bool has_header,
	struct arena *a)
{
	static const char *const tables[] = {".csv", ".tsv", NULL};
	if (!str_is_utf8(buf_str(text), text->len)) {
		s->error = (struct reading_error){"EncodingError",
			arena_printf(a, "unable to read: '%s', is not valid utf8", shown)};
		return;
	}
	translate_line_ends(text);
	if (has_suffix(shown, tables))
		read_csv(s, shown, text, has_header, a);
	else
		read_tree(s, shown, text, a);
}

struct plot_source *plot_source_read(
	struct reader *r, const char *shown, bool has_header, struct arena *a)
{
	static const char *const readable[] = {
		".csv", ".tsv", ".json", ".yaml", ".yml", ".toml", ".py", NULL};
	AUTO(mem_freep) char *path = plot_source_path(r->ix->repo, shown);
	AUTO(buf_release) struct buf bytes = BUF_INIT;
	struct plot_source *s = NEW(struct plot_source);

	s->is_image = plot_is_image(shown);
	if (!s->is_image && !has_suffix(shown, readable)) {
		s->error = (struct reading_error){"PlotMetricTypeError",
			arena_printf(a,
				"'%s' - file type error\nOnly JSON, YAML, CSV and TSV formats are "
				"supported.",
				shown)};
		return s;
	}
	if (!reading_text(r, path, &bytes, &s->error))
		return s;
	s->error = (struct reading_error){0};
	s->empty = !bytes.len;
	if (s->is_image) {
		s->bytes = TAKE(bytes);
		s->table.fault = (struct reading_error){
			"AttributeError", "'bytes' object has no attribute 'values'"};
	} else {
		read_text(s, shown, &bytes, has_header, a);
	}
	return s;
}
