/* Plots in memory, for tests of what is made of them. */
#ifndef TESTS_PLOT_DATA_H
#define TESTS_PLOT_DATA_H

#include <string.h>

#include "base/alloc.h"
#include "plots/series.h"
#include "text/json.h"

/* A plot of files that all hold the same rows. */
struct plot_data {
	struct arena arena;
	struct plot plot;
	struct strlist files;
	struct plot_sources sources;
	struct plot_source source;
};

static inline struct value *parsed(struct arena *a, const char *json)
{
	struct value *v = NULL;
	assert_int_equal(json_parse(a, json, strlen(json), &v, NULL), 0);
	return v;
}

/* `files`: words. */
static inline void plot_data_init(struct plot_data *d, const char *files, const char *rows)
{
	*d = (struct plot_data){.plot = {.id = "p", .title = "p"}};
	AUTO(mem_freep) char *words = mem_strdup(files);
	for (char *at = words, *word; (word = strsep(&at, " "));)
		strlist_add(&d->files, word);
	struct value *document = parsed(&d->arena, rows);
	plot_table_from_tree(&d->source.table, document, &d->arena);
	d->source.empty = value_is_falsy(document);
	for (size_t i = 0; i < d->files.count; i++)
		(void)map_set(&d->sources.by_path, d->files.items[i], &d->source);
}

static inline int plot_data_add(struct plot_data *d, const char *rev, const char *id,
	const char *properties, struct reading_error *why)
{
	return plot_add_series(&d->plot, rev, id, parsed(&d->arena, properties), &d->files,
		&d->sources, &d->arena, why);
}

static inline void plot_data_release(struct plot_data *d)
{
	strlist_release(&d->plot.revs);
	vec_release(&d->plot.ys);
	vec_release(&d->plot.series);
	strlist_release(&d->files);
	map_release(&d->sources.by_path);
	plot_table_release(&d->source.table);
	arena_release(&d->arena);
}

#endif
